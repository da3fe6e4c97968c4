import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { readStatusPage, statusPlace } from '../../harness/compute/status-pages.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';

test.group('pages of statuses', () => {
  test('lie 32 to a file, which is named by its number', ({ assert }) => {
    assert.deepEqual(statusPlace('pg_xact', 0), { path: 'pg_xact/0000', offsetBytes: 0 });
    assert.deepEqual(statusPlace('pg_xact', 31), { path: 'pg_xact/0000', offsetBytes: 31 * 8192 });
    assert.deepEqual(statusPlace('pg_multixact/members', 32 * 0x1a), {
      path: 'pg_multixact/members/001A',
      offsetBytes: 0,
    });
  });

  test('are read where they are, and are undefined where the file ends or is not', async ({ assert }) => {
    await using scratch = await temporaryDirectory('statuses');
    await mkdir(join(scratch.path, 'pg_xact'));
    await writeFile(join(scratch.path, 'pg_xact', '0000'), Buffer.alloc(8192 + 100, 7));
    assert.deepEqual(readStatusPage(scratch.path, 'pg_xact', 0), Buffer.alloc(8192, 7));
    assert.isUndefined(readStatusPage(scratch.path, 'pg_xact', 1));
    assert.isUndefined(readStatusPage(scratch.path, 'pg_xact', 32));
  });
});
