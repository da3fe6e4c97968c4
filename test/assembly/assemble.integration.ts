import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { assembleDataDirectory } from '../../harness/assembly/assemble.ts';
import { captureWorkload, type Capture } from '../../harness/compute/capture.ts';
import { DataDirectoryPages } from '../../harness/compute/data-directory.ts';
import { loadWorkload } from '../../harness/compute/workload.ts';
import { tapeOfCapture } from '../../harness/gate/capture/capture-tape.ts';
import type { Host } from '../../harness/host/engine.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { readBackDataDirectory } from '../../harness/readback/data-directory-readback.ts';
import { Answers } from '../../harness/redo/tape/answers.ts';
import type { AnswerRun } from '../../harness/redo/replay/replay.ts';
import { Tape } from '../../harness/redo/tape/tape.ts';
import { smallCapture } from '../compute/small-capture.ts';
import { openComputeImage } from '../support/compute-image.ts';
import { rejectionOf } from '../support/error-code.ts';
import { testedMajors } from '../support/tested-majors.ts';

const pageBytes = 8192;
const zeroPage = Buffer.alloc(pageBytes);
const everyRecord = join(import.meta.dirname, '../../corpora/workloads/every-record');

interface Fork {
  readonly dbOid: number;
  readonly relNumber: number;
  readonly forkNumber: number;
  readonly blocks: number;
}

function nameOf({ dbOid, relNumber, forkNumber, blocks }: Fork): string {
  return [dbOid, relNumber, forkNumber, blocks].join('/');
}

/** Spoils a file, looks, and mends it. */
async function withDamage(path: string, at: number, look: () => Promise<void>): Promise<void> {
  const whole = await readFile(path);
  const spoiled = Buffer.from(whole);
  spoiled[at] = (spoiled[at] ?? 0) ^ 0x01;
  await writeFile(path, spoiled);
  try {
    await look();
  } finally {
    await writeFile(path, whole);
  }
}

for (const major of testedMajors([14, 15, 16, 17, 18])) {
  test.group(`the data directory of a whole life with every kind of record, ${String(major)}`, (group) => {
    let host: Host;
    let scratch: TemporaryDirectory;
    let capture: Capture;
    let tape: Tape;
    let tapes = 0;
    group.setup(async () => {
      host = await openComputeImage(major);
      scratch = await temporaryDirectory('a whole life');
      const options = await smallCapture(host, major, join(scratch.path, 'capture'));
      capture = await captureWorkload({
        ...options,
        workload: await loadWorkload(everyRecord, 'small'),
        wal: { ...options.wal, hintImages: true },
        isWholeLife: true,
      });
      const directory = join(scratch.path, 'tape');
      await tapeOfCapture(capture, directory);
      tape = Tape.open(directory);
      return async () => {
        await host[Symbol.asyncDispose]();
        await scratch[Symbol.asyncDispose]();
      };
    });

    function recovered(): readonly AnswerRun[] {
      return [{ firstRequest: 0, pages: tape.index.length, path: tape.oraclePath }];
    }

    async function assemble(
      name: string,
      change: {
        readonly runs?: readonly AnswerRun[];
        readonly initdbDirectory?: string;
        readonly tape?: Tape;
      } = {},
    ): Promise<string> {
      using answers = new Answers(change.runs ?? recovered());
      const directory = join(scratch.path, name);
      const initdbDirectory = change.initdbDirectory ?? capture.baseDirectory;
      await assembleDataDirectory({ initdbDirectory, tape: change.tape ?? tape, answers, directory });
      return directory;
    }

    test("has recovery's pages, all of them and no others", async ({ assert }) => {
      const directory = await assemble('pages');
      using made = new DataDirectoryPages(directory);
      using oracle = new DataDirectoryPages(capture.oracleDirectory);
      const init = new Set(
        made
          .forks()
          .filter(({ forkNumber }) => forkNumber === 3)
          .map(({ relNumber }) => relNumber),
      );
      const isLogged = (fork: { relNumber: number; forkNumber: number }): boolean =>
        fork.forkNumber === 3 || (fork.forkNumber === 0 && !init.has(fork.relNumber));
      assert.isAbove(init.size, 3);
      assert.deepEqual(
        made.forks().filter(isLogged).map(nameOf),
        oracle.forks().filter(isLogged).map(nameOf),
      );
      assert.deepEqual(made.databases(), oracle.databases());
      let [pages, mapPages] = [0, 0];
      for (const { blocks, ...fork } of oracle.forks()) {
        const isMap = fork.forkNumber === 2;
        if (!isLogged(fork) && !isMap) continue;
        for (let blockNumber = 0; blockNumber < blocks; blockNumber++) {
          const expected = oracle.readPage({ ...fork, blockNumber });
          const actual = made.readPage({ ...fork, blockNumber }) ?? (isMap ? zeroPage : undefined);
          if (actual === undefined || expected?.equals(actual) !== true)
            assert.fail(`${JSON.stringify(fork)} block ${String(blockNumber)} differs`);
          if (isMap) mapPages++;
          else pages++;
        }
      }
      assert.isAbove(pages, 3000);
      assert.isAbove(mapPages, 50);
    });

    test('is opened, and every row is where the primary had it', async ({ assert }) => {
      const dataDirectory = await assemble('opened');
      const primary = tape.readStorage()?.contents ?? { database: '', tables: [] };
      const { findings, rows } = await readBackDataDirectory({ host, major, dataDirectory, primary });
      assert.deepEqual(findings, []);
      assert.isAbove(rows, 20_000);
    });

    test('is not made on another initdb, nor of a tape that tells pages alone, nor with an answer missing', async ({
      assert,
    }) => {
      const file = join(capture.baseDirectory, 'base', '1', '1259');
      await withDamage(file, pageBytes - 20, async () => {
        const error = await rejectionOf(assemble('other-base'));
        assert.deepEqual([error.kind, error.code], ['infrastructure', 'assembly-other-base']);
        assert.include(error.message, capture.baseDirectory);
      });
      const kept = Tape.open(join(import.meta.dirname, `../../corpora/tapes/pg${String(major)}`));
      const without = await rejectionOf(assemble('no-storage', { tape: kept }));
      assert.deepEqual([without.kind, without.code], ['infrastructure', 'tape-without-storage']);
      const short = [{ firstRequest: 0, pages: 1, path: tape.oraclePath }];
      const missing = await rejectionOf(assemble('missing', { runs: short }));
      assert.deepEqual([missing.kind, missing.code], ['infrastructure', 'answer-missing']);
      assert.match(missing.message, /block \d+ has no answer of walredo \(request \d+\)/);
    });

    test('is not made of a model that recovery does not bear out', async ({ assert }) => {
      const { oracleDirectory } = capture;
      const sizes = join(oracleDirectory, 'base', '5', '999999');
      for (const [name, at, words] of [
        ['pg_xact/0000', 180, /page 0 of pg_xact/],
        ['pg_multixact/members/0000', 30, /page 0 of pg_multixact\/members/],
        ['base/5/pg_filenode.map', 20, /relation map of database 5/],
      ] as const) {
        if (major === 14 && name.startsWith('base/5')) continue;
        await withDamage(join(oracleDirectory, name), at, async () => {
          const error = await rejectionOf(
            tapeOfCapture(capture, join(scratch.path, `tape-${String(tapes++)}`)),
          );
          assert.deepEqual([error.kind, error.code], ['infrastructure', 'oracle-unexplained'], name);
          assert.match(error.message, words);
        });
      }
      await mkdir(join(oracleDirectory, 'base', '5'), { recursive: true });
      await writeFile(sizes, zeroPage);
      const error = await rejectionOf(tapeOfCapture(capture, join(scratch.path, `tape-${String(tapes++)}`)));
      assert.equal(error.code, 'oracle-unexplained');
      assert.match(error.message, /sizes of relations: recovery has fork 0 of 1663\/5\/999999 with 1 pages/);
    });
  });
}
