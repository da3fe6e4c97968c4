import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { serverFailure } from '../../harness/compute/server-failure.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';

test.group('serverFailure', () => {
  test('ends with the last whole lines of the log', async ({ assert }) => {
    await using directory = await temporaryDirectory('a test');
    const logFile = join(directory.path, 'server.log');
    const lines = Array.from({ length: 500 }, (_, index) => `LOG:  line ${String(index)}`);
    await writeFile(logFile, `${lines.join('\n')}\n`);
    const error = await serverFailure({ code: 'server-start-failed', message: 'It did not start', logFile });
    assert.equal(error.kind, 'infrastructure');
    assert.equal(error.code, 'server-start-failed');
    const shown = error.message.split('\n');
    assert.equal(shown[0], 'It did not start');
    assert.deepEqual(shown.slice(1), lines.slice(-(shown.length - 1)));
    assert.isAbove(shown.length, 50);
    assert.isBelow(Buffer.byteLength(error.message), 2200);
  });

  test('recognises a full disk in the log', async ({ assert }) => {
    await using directory = await temporaryDirectory('a test');
    const logFile = join(directory.path, 'server.log');
    await writeFile(
      logFile,
      'PANIC:  could not write to file "pg_wal/xlogtemp.9": No space left on device\n',
    );
    const error = await serverFailure({ code: 'server-stop-failed', message: 'It ended', logFile });
    assert.equal(error.code, 'disk-full');
    assert.include(error.remedy ?? '', 'disk space');
  });

  test('does without a log', async ({ assert }) => {
    const error = await serverFailure({
      code: 'server-lost',
      message: 'Gone',
      logFile: '/nowhere/server.log',
    });
    assert.equal(error.code, 'server-lost');
    assert.include(error.message, 'Gone');
  });
});
