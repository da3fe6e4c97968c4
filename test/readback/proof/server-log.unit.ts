import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { readServerLog } from '../../../harness/readback/proof/server-log.ts';

const log = `2026-11-22 21:00:00.000 UTC [7] LOG:  starting PostgreSQL 17.10
2026-11-22 21:00:01.000 UTC [8] WARNING:  database "p" has a collation version mismatch
2026-11-22 21:00:01.000 UTC [8] DETAIL:  The database was created using collation version 2.31.
2026-11-22 21:00:01.000 UTC [8] HINT:  Rebuild all objects.
2026-11-22 21:00:02.000 UTC [9] WARNING:  database "p" has a collation version mismatch
2026-11-22 21:00:02.000 UTC [9] DETAIL:  The database was created using collation version 2.31.
2026-11-22 21:00:03.000 UTC [9] ERROR:  duplicate key
2026-11-22 21:00:03.000 UTC [9] DETAIL:  Key (word)=(WARNING: none) is duplicated.
2026-11-22 21:00:04.000 UTC [9] WARNING:  another
`;

test.group("a server's log", () => {
  test('has each warning once, with its detail', async ({ assert }) => {
    await using directory = await temporaryDirectory('a test');
    const path = join(directory.path, 'log');
    await writeFile(path, log);
    assert.deepEqual(await readServerLog(path), [
      'database "p" has a collation version mismatch; The database was created using collation version 2.31.',
      'another',
    ]);
  });
});
