/** A harness that begins to publish an entry of the cache and never ends: to be killed. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { publish } from '../../../harness/host/cache.ts';
import { temporaryDirectory } from '../../../harness/host/run-directory.ts';

const directory = await temporaryDirectory('a run that hangs');
await publish('things/a', async (partial) => {
  await writeFile(join(partial, 'half'), 'half');
  process.stdout.write(`${JSON.stringify({ directory: directory.path })}\n`);
  await new Promise((resolve) => setTimeout(resolve, 1_000_000));
});
