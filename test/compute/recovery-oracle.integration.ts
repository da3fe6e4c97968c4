import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { captureWorkload, type Capture } from '../../harness/compute/capture.ts';
import { formatLsn } from '../../harness/compute/lsn.ts';
import { makeRecoveryOracle, type RecoveryOptions } from '../../harness/compute/recovery-oracle.ts';
import { segmentFileNames } from '../../harness/compute/wal-files.ts';
import type { Host } from '../../harness/host/engine.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { openComputeImage } from '../support/compute-image.ts';
import { rejectionOf } from '../support/error-code.ts';
import { differingPages, rangeOf, smallCapture } from './small-capture.ts';

for (const major of [15, 17]) {
  test.group(`makeRecoveryOracle on ${String(major)}`, (group) => {
    let host: Host;
    let directory: TemporaryDirectory;
    let capture: Capture;
    group.tap((each) => each.timeout(120_000));
    group.setup(async () => {
      host = await openComputeImage(major);
      directory = await temporaryDirectory('a test');
      capture = await captureWorkload(await smallCapture(host, major, join(directory.path, 'capture')));
      return async () => {
        await directory[Symbol.asyncDispose]();
        await host[Symbol.asyncDispose]();
      };
    });

    function recovery(name: string): RecoveryOptions {
      return {
        host,
        major,
        baseDirectory: capture.baseDirectory,
        walDirectory: capture.walDirectory,
        range: rangeOf(capture),
        oracleDirectory: join(directory.path, name),
      };
    }

    test('recovers to the same bytes again', async ({ assert }) => {
      await makeRecoveryOracle(recovery('again'));
      assert.deepEqual(differingPages(capture.oracleDirectory, join(directory.path, 'again')), []);
    });

    test('notices a recovery that stopped before the shutdown checkpoint', async ({ assert }) => {
      const middle = (capture.startLsn + capture.endLsn) / 2;
      const error = await rejectionOf(
        makeRecoveryOracle({
          ...recovery('early'),
          settings: { recovery_target_lsn: formatLsn(Math.floor(middle)) },
        }),
      );
      assert.equal(error.code, 'oracle-incomplete');
      assert.equal(error.kind, 'infrastructure');
      assert.include(error.message, `last restartpoint is at ${formatLsn(capture.startLsn)}`);
      assert.isNotEmpty(differingPages(capture.oracleDirectory, join(directory.path, 'early')));
    });

    test('notices WAL that ends before the shutdown checkpoint', async ({ assert }) => {
      const options = recovery('short');
      const walDirectory = join(directory.path, 'short-wal');
      await cp(capture.walDirectory, walDirectory, { recursive: true });
      const [name = ''] = segmentFileNames(options.range).slice(-1);
      await writeFile(join(walDirectory, name), Buffer.alloc(capture.walSegmentSizeBytes));
      const error = await rejectionOf(makeRecoveryOracle({ ...options, walDirectory, timeoutMs: 1500 }));
      assert.equal(error.code, 'oracle-incomplete');
      assert.include(error.message, 'still waits for WAL');
    });

    test('notices a server that gives up on the WAL', async ({ assert }) => {
      const error = await rejectionOf(
        makeRecoveryOracle({ ...recovery('refused'), settings: { recovery_target_timeline: '7' } }),
      );
      assert.equal(error.code, 'oracle-incomplete');
      assert.include(error.message, 'timeline 7');
    });
  });
}
