import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { readObservation } from '../../harness/host/observation.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';

test('what a watch wrote is read, up to where it was cut short', async ({ assert }) => {
  await using scratch = await temporaryDirectory('an observation');
  const path = join(scratch.path, 'log');
  const lines = [
    String.raw`{"pid":2,"call":257,"path":"/\u00c3\u00bc\u0009","result":3}`,
    '{"pid":2,"forked":3}',
    '{"pid":3,"refused":441}',
    '{"pid":3,"call":257,"pat',
  ];
  await writeFile(path, lines.join('\n'));
  assert.deepEqual(await readObservation(path), {
    calls: [{ pid: 2, call: 257, path: '/ü\t', result: 3 }],
    forks: [{ pid: 2, forked: 3 }],
    refused: [{ pid: 3, refused: 441 }],
  });
  await writeFile(path, '');
  assert.deepEqual(await readObservation(path), { calls: [], forks: [], refused: [] });
});
