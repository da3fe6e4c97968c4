import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { formatLsn } from '../../harness/compute/lsn.ts';
import { makeRecoveryOracle, type RecoveryOptions } from '../../harness/compute/recovery-oracle.ts';
import { segmentFileNames } from '../../harness/compute/wal-files.ts';
import { rejectionOf } from '../support/error-code.ts';
import { differingPages, makeSmallCapture, rangeOf, type MadeCapture } from './small-capture.ts';

for (const major of [15, 17]) {
  test.group(`makeRecoveryOracle on ${String(major)}`, (group) => {
    let made: MadeCapture;
    group.setup(async () => {
      made = await makeSmallCapture(major);
      return async () => {
        await made[Symbol.asyncDispose]();
      };
    });

    function recovery(name: string): RecoveryOptions {
      return {
        host: made.host,
        major,
        baseDirectory: made.capture.baseDirectory,
        walDirectory: made.capture.walDirectory,
        range: rangeOf(made.capture),
        oracleDirectory: join(made.directory, name),
      };
    }

    test('recovers to the same bytes again', async ({ assert }) => {
      await makeRecoveryOracle(recovery('again'));
      assert.deepEqual(differingPages(made.capture.oracleDirectory, join(made.directory, 'again')), []);
    });

    test('notices a recovery that stopped before the shutdown checkpoint', async ({ assert }) => {
      const middle = (made.capture.startLsn + made.capture.endLsn) / 2;
      const error = await rejectionOf(
        makeRecoveryOracle({
          ...recovery('early'),
          settings: { recovery_target_lsn: formatLsn(Math.floor(middle)) },
        }),
      );
      assert.equal(error.code, 'oracle-incomplete');
      assert.equal(error.kind, 'infrastructure');
      assert.include(error.message, `last restartpoint is at ${formatLsn(made.capture.startLsn)}`);
      assert.isNotEmpty(differingPages(made.capture.oracleDirectory, join(made.directory, 'early')));
    });

    test('notices WAL that ends before the shutdown checkpoint', async ({ assert }) => {
      const options = recovery('short');
      const walDirectory = join(made.directory, 'short-wal');
      await cp(made.capture.walDirectory, walDirectory, { recursive: true });
      const [name = ''] = segmentFileNames(options.range).slice(-1);
      await writeFile(join(walDirectory, name), Buffer.alloc(made.capture.walSegmentSizeBytes));
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
