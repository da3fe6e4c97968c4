import { statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';
import { execa } from 'execa';

import { captureWorkload } from '../../harness/compute/capture.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { Tape } from '../../harness/redo/tape/tape.ts';
import { smallCapture } from '../compute/small-capture.ts';
import { openComputeImage } from '../support/compute-image.ts';

const root = join(import.meta.dirname, '../..');
const major = 17;

/** A size of the workload that writes a little more than 2 GB of WAL. */
const rows = '178000';
const leastWalBytes = 2e9;

/** A third more than a tape of 100 MB of WAL takes, and nothing beside what the WAL has. */
const mostBytes = 400e6;

/** The heap that `./redoubt` allows. */
const heap = ['--max-semi-space-size=4', '--max-old-space-size=192'];

if (process.env['REDOUBT_TEST_TIER'] === 'full') {
  test.group('the tape of 2 GB of WAL', () => {
    test('is made in bounded memory', async ({ assert }) => {
      await using host = await openComputeImage(major);
      await using scratch = await temporaryDirectory('a large capture');
      const options = await smallCapture(host, major, join(scratch.path, 'capture'));
      const parameters = { ...options.workload.parameters, 'redoubt.rows': rows };
      const capture = await captureWorkload({ ...options, workload: { ...options.workload, parameters } });
      assert.isAbove(capture.endLsn - capture.startLsn, leastWalBytes);

      const [description, directory] = [join(scratch.path, 'capture.json'), join(scratch.path, 'tape')];
      await writeFile(description, JSON.stringify(capture));
      const program = join(root, 'bench/tape-once.ts');
      const { stdout } = await execa(process.execPath, [...heap, program, description, directory]);
      assert.isBelow(Number(stdout), mostBytes);
      const tape = Tape.open(directory);
      assert.isAbove(tape.manifest.counts.records, 10_000_000);
      assert.isAbove(statSync(tape.requestsPath).size, leastWalBytes);
    }).timeout(3_600_000);
  });
}
