import { createHash } from 'node:crypto';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { makeDataDirectory } from '../../harness/gate/initdb/bundle-initdb.ts';
import { wholeLifePlan } from '../../harness/gate/capture/capture-plan.ts';
import { replayTape } from '../../harness/gate/replay/replay-tape.ts';
import { readBackWalredo, type WalredoReadback } from '../../harness/gate/walredo-readback.ts';
import type { Host } from '../../harness/host/engine.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import type { AnswerRun } from '../../harness/redo/replay/replay.ts';
import { Tape } from '../../harness/redo/tape/tape.ts';
import { openComputeImage } from '../support/compute-image.ts';
import { rejectionOf } from '../support/error-code.ts';
import { referenceBundle } from '../support/small-tape.ts';
import { wholeLifeTape } from '../support/whole-life.ts';

const major = 17;

test.group('a data directory of walredo, read back', (group) => {
  let compute: Host;
  let scratch: TemporaryDirectory;
  let tape: Tape;
  let runs: readonly AnswerRun[];
  group.setup(async () => {
    const bundle = await referenceBundle();
    compute = await openComputeImage(major);
    scratch = await temporaryDirectory('readbacks');
    tape = await wholeLifeTape(major);
    const { checksums } = wholeLifePlan;
    await makeDataDirectory(bundle, major, compute, join(scratch.path, 'initdb'), checksums);
    ({ runs } = await replayTape(tape, bundle, compute, join(scratch.path, 'answers')));
    return async () => {
      await compute[Symbol.asyncDispose]();
      await scratch[Symbol.asyncDispose]();
    };
  });

  function readBack(name: string, of: Tape): Promise<WalredoReadback> {
    const initdbDirectory = join(scratch.path, 'initdb');
    return readBackWalredo({
      compute,
      major,
      initdbDirectory,
      tape: of,
      runs,
      directory: join(scratch.path, name),
    });
  }

  test('leaves nothing behind when it is sound', async ({ assert }) => {
    const before = await readdir(scratch.path);
    const { read, keptDirectory, assembly } = await readBack('sound', tape);
    assert.deepEqual(read.findings, []);
    assert.isUndefined(keptDirectory);
    assert.isAbove(assembly.walredoPages, 500);
    assert.isAbove(assembly.initdbPages, 2000);
    assert.deepEqual(await readdir(scratch.path), before);
  });

  test('blames nobody for what recovery makes, too', async ({ assert }) => {
    const error = await rejectionOf(readBack('unsound', await tapeOfOtherRows()));
    assert.deepEqual([error.kind, error.code], ['infrastructure', 'readback-unsound']);
    assert.match(error.message, /recovery's own pages.*table corpus\.account is gone|corpus\.account/);
    assert.deepEqual(
      (await readdir(scratch.path)).filter((name) => name.startsWith('unsound')),
      [],
    );
  });

  /** The tape with a primary that had a table of another name. */
  async function tapeOfOtherRows(): Promise<Tape> {
    const directory = join(scratch.path, 'other-tape');
    await cp(tape.directory, directory, { recursive: true });
    const storagePath = join(directory, 'storage');
    const storage = (await readFile(storagePath, 'utf8')).replace('"corpus.account"', '"corpus.accounts"');
    await writeFile(storagePath, storage);
    const manifestPath = join(directory, 'manifest.json');
    const manifest = JSON.parse(await readFile(manifestPath, 'utf8')) as { files: Record<string, unknown> };
    manifest.files['storage'] = {
      bytes: Buffer.byteLength(storage),
      sha256: createHash('sha256').update(storage).digest('hex'),
    };
    await writeFile(manifestPath, JSON.stringify(manifest));
    return Tape.open(directory);
  }
});
