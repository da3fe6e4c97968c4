import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { test } from '@japa/runner';
import { execa } from 'execa';

import { captureWorkload, type Capture } from '../../harness/compute/capture.ts';
import { readDataDirectoryState } from '../../harness/compute/data-directory-state.ts';
import { segmentFileNames } from '../../harness/compute/wal-files.ts';
import { recordsOnly } from '../../harness/compute/wal-settings.ts';
import { capturePlan } from '../../harness/gate/capture/capture-plan.ts';
import { workloadOf } from '../../harness/gate/capture/tape-cache.ts';
import type { Host } from '../../harness/host/engine.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { decodeRecord } from '../../harness/wal/decode.ts';
import { recordKind, rmgrName } from '../../harness/wal/names.ts';
import { RecordReader } from '../../harness/wal/record-reader.ts';
import { segmentFileName } from '../../harness/wal/segment.ts';
import { openComputeImage } from '../support/compute-image.ts';
import { rejectionOf } from '../support/error-code.ts';
import {
  differingPages,
  makeSmallCapture,
  rangeOf,
  smallCapture,
  type MadeCapture,
} from './small-capture.ts';

/** Each record in a line: kind, length and block references; without the running transactions that the server notes by the clock. */
function recordsOf(capture: Capture): readonly string[] {
  const { major, timeline, startLsn, endLsn, walSegmentSizeBytes: segmentSizeBytes } = capture;
  const reader = new RecordReader({
    source: (segment) =>
      readFileSync(join(capture.walDirectory, segmentFileName(timeline, segment, segmentSizeBytes))),
    major,
    timeline,
    startLsn,
    endLsn,
    segmentSizeBytes,
  });
  const lines: string[] = [];
  for (let raw = reader.next(); raw !== undefined; raw = reader.next()) {
    const { rmgrId, info, blocks } = decodeRecord(raw, major);
    const kind = `${rmgrName(rmgrId, major)} ${recordKind(rmgrId, info, major)}`;
    if (kind.startsWith('Standby ')) continue;
    const pages = blocks.map((block) =>
      [block.relNumber, block.forkNumber, block.blockNumber, block.willInit].join('/'),
    );
    lines.push(`${kind} ${String(raw.length)} ${pages.join(' ')}`);
  }
  return lines;
}

function relationsOf(capture: Capture): (name: string) => Capture['relations'] {
  return (name) =>
    capture.relations.filter((relation) => relation.schema === 'corpus' && relation.name === name);
}

function collationOf(capture: Capture): (name: string) => Capture['collations'][number] | undefined {
  return (name) => capture.collations.find((found) => found.name === name);
}

for (const major of [15, 17]) {
  test.group(`captureWorkload on ${String(major)}`, (group) => {
    let made: MadeCapture;
    group.setup(async () => {
      made = await makeSmallCapture(major);
      return async () => {
        await made[Symbol.asyncDispose]();
      };
    });

    test('leaves a base at rest where the WAL begins, and an oracle where it ends', async ({ assert }) => {
      const base = await readDataDirectoryState(made.capture.baseDirectory);
      assert.equal(base.control.state, 'shut down');
      assert.equal(base.control.checkpointLsn, made.capture.startLsn);
      assert.equal(base.control.redoLsn, made.capture.startLsn);
      const oracle = await readDataDirectoryState(made.capture.oracleDirectory);
      assert.equal(oracle.control.state, 'shut down in recovery');
      assert.equal(oracle.control.checkpointLsn, made.capture.endLsn);
      assert.equal(oracle.control.systemIdentifier, BigInt(made.capture.systemIdentifier));
      assert.isFalse(made.capture.checksums);
      assert.isNotEmpty(differingPages(made.capture.baseDirectory, made.capture.oracleDirectory));
    });

    test('keeps exactly the WAL of its range', async ({ assert }) => {
      const names = segmentFileNames(rangeOf(made.capture));
      assert.deepEqual((await readdir(made.capture.walDirectory)).toSorted(), names);
      for (const name of names) {
        const { size } = await stat(join(made.capture.walDirectory, name));
        assert.equal(size, made.capture.walSegmentSizeBytes);
      }
      assert.sameMembers(await readdir(made.capture.directory), [
        'base',
        'primary.log',
        'oracle',
        'oracle.log',
        'wal',
      ]);
    });

    test('names relations that stay, that were rewritten and that were dropped', ({ assert }) => {
      const named = relationsOf(made.capture);
      const [index] = named('text_icu_zh_label');
      assert.containSubset(index, {
        kind: 'index',
        accessMethod: 'btree',
        table: 'corpus.text_icu_zh',
        collations: ['corpus.icu_zh'],
      });
      assert.lengthOf(named('obsolete'), 1);
      assert.lengthOf(named('staging'), 2, 'before TRUNCATE and after');
      assert.containSubset(named('entry_number')[0], { kind: 'sequence' });
      assert.containSubset(named('word_count')[0], { kind: 'materialized-view' });
      assert.isTrue(
        made.capture.relations.some(
          (relation) => relation.kind === 'toast' && relation.table === 'corpus.document',
        ),
      );
      assert.isTrue(
        made.capture.relations.some((relation) => relation.name === 'pg_database' && relation.dbOid === 0),
      );
    });

    test('notes the versions of the collations in use', ({ assert }) => {
      const collation = collationOf(made.capture);
      assert.match(collation('corpus.icu_und')?.version ?? '', /^153\./);
      assert.match(collation('corpus.libc_en_us')?.version ?? '', /^2\./);
      assert.containSubset(collation('corpus.libc_c'), { provider: 'libc', version: null });
      assert.containSubset(collation('corpus.icu_level2'), { provider: 'icu', deterministic: false });
      assert.containSubset(collation('default'), { provider: major >= 17 ? 'builtin' : 'libc' });
    });

    test('writes the same records again, but for when they were written', async ({ assert }) => {
      const again = await captureWorkload(await smallCapture(made.host, major, join(made.directory, 'twin')));
      const expected = recordsOf(made.capture);
      assert.isAbove(expected.length, 40_000);
      assert.deepEqual(recordsOf(again), expected);
    });
  });
}

test.group('captureWorkload', (group) => {
  let host: Host;
  let directory: TemporaryDirectory;
  group.setup(async () => {
    host = await openComputeImage(15);
    return async () => {
      await host[Symbol.asyncDispose]();
    };
  });
  group.each.setup(async () => {
    directory = await temporaryDirectory('a test');
    return async () => {
      await directory[Symbol.asyncDispose]();
    };
  });

  test('with full-page writes says so, and the server agrees', async ({ assert }) => {
    const capture = await captureWorkload({
      ...(await smallCapture(host, 15, join(directory.path, 'capture'))),
      wal: { ...recordsOnly, fullPageWrites: true, compression: 'pglz' },
    });
    assert.isTrue(capture.wal.fullPageWrites);
    const oracle = await readDataDirectoryState(capture.oracleDirectory);
    assert.isTrue(oracle.control.fullPageWrites);
  });

  test('of every kind of record writes the same records again', async ({ assert }) => {
    const plan = capturePlan('every-record');
    const capture = async (name: string): Promise<readonly string[]> =>
      recordsOf(
        await captureWorkload({
          ...(await smallCapture(host, 15, join(directory.path, name))),
          workload: await workloadOf(plan),
          wal: plan.wal,
        }),
      );
    const expected = await capture('capture');
    assert.isAbove(expected.length, 400_000);
    assert.isTrue(isDeepStrictEqual(await capture('twin'), expected));
  });

  test('names the statement that fails, and leaves nothing', async ({ assert }) => {
    const broken = {
      name: 'work/99-broken.sql',
      sinceMajor: 14,
      statements: [
        { text: 'SELECT 1', line: 1 },
        { text: 'SELECT 1 / 0', line: 3 },
      ],
    };
    const options = await smallCapture(host, 15, join(directory.path, 'capture'));
    const error = await rejectionOf(
      captureWorkload({ ...options, workload: { ...options.workload, work: [broken] } }),
    );
    assert.equal(error.code, 'workload-statement-failed');
    assert.equal(error.kind, 'infrastructure');
    assert.include(error.message, 'work/99-broken.sql:3');
    assert.include(error.message, 'division by zero');
    assert.equal(error.details['sqlState'], '22012');
    assert.isEmpty(await readdir(directory.path));
  });

  test('says what the log says when the server dies of {signal} under a statement')
    .with([
      { signal: 'SEGV', number: 11, code: 'server-lost' },
      { signal: 'KILL', number: 9, code: 'process-killed' },
    ])
    .run(async ({ assert }, { signal, number, code }) => {
      const deadly = {
        name: 'work/99-deadly.sql',
        sinceMajor: 14,
        statements: [{ text: `COPY (SELECT 1) TO PROGRAM 'kill -${signal} $PPID'`, line: 1 }],
      };
      const options = await smallCapture(host, 15, join(directory.path, 'capture'));
      const error = await rejectionOf(
        captureWorkload({ ...options, workload: { ...options.workload, work: [deadly] } }),
      );
      assert.deepEqual([error.kind, error.code], ['infrastructure', code]);
      assert.include(error.message, 'work/99-deadly.sql:1');
      assert.include(error.message, `terminated by signal ${String(number)}`);
      assert.isEmpty(await readdir(directory.path));
    });

  test('says so when the disk is full {when}, and leaves nothing')
    .with([
      { when: 'for the server', freeMebibytes: 40 },
      { when: 'for the base', freeMebibytes: 60 },
    ])
    .run(async ({ assert }, { freeMebibytes }) => {
      const disk = join(directory.path, 'disk');
      await mkdir(disk);
      await execa('mount', ['-t', 'tmpfs', '-o', `size=${String(freeMebibytes)}m`, 'none', disk]);
      const error = await rejectionOf(captureWorkload(await smallCapture(host, 15, join(disk, 'capture'))));
      assert.equal(error.kind, 'infrastructure');
      assert.equal(error.code, 'disk-full');
      assert.isEmpty(await readdir(disk));
    });

  test('refuses a folder that exists, and leaves it alone', async ({ assert }) => {
    const target = join(directory.path, 'capture');
    await mkdir(target);
    await writeFile(join(target, 'precious'), 'x');
    const error = await rejectionOf(captureWorkload(await smallCapture(host, 15, target)));
    assert.equal(error.kind, 'infrastructure');
    assert.equal(await readFile(join(target, 'precious'), 'utf8'), 'x');
  });
});
