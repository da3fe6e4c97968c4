import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import type { AnswerRun } from '../../harness/redo/replay/replay.ts';
import { Tape } from '../../harness/redo/tape/tape.ts';
import {
  judgePages,
  tapeStandard,
  type PageJudgement,
  type PageStandard,
} from '../../harness/verdict/page-judgement.ts';
import { keyOf, makeTinyTape, MemoryPages, markedPage, TinyWal } from '../redo/tiny-tape.ts';
import { thrownBy } from '../support/thrown.ts';

const pageSizeBytes = 8192;

function standardOf(kind: 'hosts' | 'baseline', ...answers: readonly AnswerRun[]): PageStandard {
  return { kind, answers, isSkewed: false, nameOf: () => `the answer of ${kind}` };
}

test.group('judgePages', (group) => {
  let scratch: TemporaryDirectory;
  let tape: Tape;
  let files = 0;
  group.each.setup(async () => {
    scratch = await temporaryDirectory('a tape');
    makeTinyTape(join(scratch.path, 'tape'));
    tape = Tape.open(join(scratch.path, 'tape'));
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });

  /** The oracle's own pages as answers, changed first. */
  function answersWith(change: (pages: Buffer) => void = () => {}): AnswerRun {
    const pages = readFileSync(tape.oraclePath);
    change(pages);
    const path = join(scratch.path, `answers-${String(files++)}`);
    writeFileSync(path, pages);
    return { firstRequest: 0, pages: tape.index.length, path };
  }

  function judge(answers: readonly AnswerRun[], standard: PageStandard = tapeStandard(tape)): PageJudgement {
    return judgePages(tape, answers, standard, () => null);
  }

  test('counts pages, records and bytes when all is equal', ({ assert }) => {
    const { tallies, findings } = judge([answersWith()]);
    assert.deepEqual(findings, []);
    assert.deepEqual(tallies, [
      {
        oracle: 'recovery',
        pages: 4,
        records: 6,
        bytes: 4 * pageSizeBytes,
        masked: 0,
        checksummed: 0,
        named: {},
        differences: 0,
      },
    ]);
  });

  test('notices every single byte', ({ assert }) => {
    for (let at = 0; at < 4 * pageSizeBytes; at += 331) {
      const wrong = answersWith((pages) => {
        pages[at] = (pages[at] ?? 0) ^ 0x80;
      });
      const { tallies, findings } = judge([wrong]);
      assert.equal(tallies[0]?.differences, 1);
      assert.equal(findings[0]?.page?.request, Math.floor(at / pageSizeBytes));
    }
  });

  test('names the page, its records, the first field that differs, and keeps the evidence', ({ assert }) => {
    const wrong = answersWith((pages) => {
      pages[pageSizeBytes + 5000] = 0;
    });
    const kept: unknown[] = [];
    const { findings } = judgePages(tape, [wrong], tapeStandard(tape), (request, expected, actual) => {
      kept.push([request.number, expected.length, actual?.[5000]]);
      return 'evidence/here';
    });
    assert.deepEqual(kept, [[1, pageSizeBytes, 0]]);
    const [finding] = findings;
    assert.equal(finding?.code, 'page-content');
    assert.match(finding?.message ?? '', /^public\.words main block 1 \(request 1\) has the right page LSN/);
    assert.match(
      finding?.message ?? '',
      /compared with recovery .*first difference at byte 5000 \(.+\): a1 expected, 00 found/,
    );
    const page = finding?.page;
    assert.equal(page?.fields[0]?.offset, 5000);
    const lsn = page?.lastLsn ?? '';
    assert.deepEqual(page, {
      relation: 'public.words',
      page: '1663/5/16385 main block 1',
      kind: 'heap',
      tape: tape.digest,
      request: 1,
      origin: 'initialised',
      firstLsn: lsn,
      lastLsn: lsn,
      differenceClass: 'free-space-only',
      bytesDiffering: 1,
      fields: page?.fields ?? [],
      recordCount: 1,
      records: [{ endLsn: lsn, rmgr: 'Heap', kind: 'INSERT' }],
      files: 'evidence/here',
    });
  });

  test('counts pages without an answer as differences, wherever the gap is', ({ assert }) => {
    const whole = answersWith();
    const tail = join(scratch.path, 'tail');
    writeFileSync(tail, readFileSync(whole.path).subarray(2 * pageSizeBytes));
    const { tallies, findings } = judge([
      { ...whole, pages: 1 },
      { firstRequest: 2, pages: 2, path: tail },
    ]);
    assert.deepEqual(
      findings.map(({ code, message }) => [code, message]),
      [
        [
          'page-unanswered',
          'public.words main block 1 (request 1) has no answer; what it must be is known from recovery by the compute image',
        ],
      ],
    );
    assert.equal(findings[0]?.page?.differenceClass, 'unanswered');
    assert.deepEqual(tallies, [
      {
        oracle: 'recovery',
        pages: 4,
        records: 6,
        bytes: 3 * pageSizeBytes,
        masked: 0,
        checksummed: 0,
        named: {},
        differences: 1,
      },
    ]);
    assert.equal(judge([]).tallies[0]?.differences, 4);
  });

  test('describes twenty pages and counts them all', ({ assert }) => {
    const wal = new TinyWal();
    const oracle = new MemoryPages();
    for (let block = 0; block < 30; block++) {
      const { end } = wal.insert([{ block, willInit: true }]);
      oracle.set(keyOf(block), markedPage(block, end));
    }
    wal.tape(new MemoryPages(), oracle, join(scratch.path, 'many'));
    const many = Tape.open(join(scratch.path, 'many'));
    const { tallies, findings } = judgePages(many, [], tapeStandard(many), () => null);
    assert.equal(tallies[0]?.differences, 30);
    assert.lengthOf(findings, 20);
  });

  test('compares hosts in every fork, and calls what differs by its own name', ({ assert }) => {
    const first = answersWith();
    const wrong = answersWith((pages) => pages.fill(0, 3 * pageSizeBytes));
    const { tallies, findings } = judge([wrong], standardOf('hosts', first));
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['hosts-differ'],
    );
    assert.match(findings[0]?.message ?? '', /vm block 0 .*compared with the answer of hosts/);
    assert.deepEqual(
      tallies.map(({ oracle, pages, differences }) => [oracle, pages, differences]),
      [['hosts', 4, 1]],
    );
  });

  test('holds what one host failed to answer against the bundle, what a baseline failed to answer not', ({
    assert,
  }) => {
    const whole = answersWith();
    const cut = { ...whole, pages: 2 };
    const hosts = judge([whole], standardOf('hosts', cut));
    assert.deepEqual(
      hosts.findings.map(({ code }) => code),
      ['page-unanswered', 'page-unanswered'],
    );
    assert.match(hosts.findings[0]?.message ?? '', /has no page in the answer of hosts to compare with/);
    const baseline = judge([whole], standardOf('baseline', cut));
    assert.deepEqual(
      baseline.tallies.map(({ oracle, pages, differences }) => [oracle, pages, differences]),
      [['baseline', 2, 0]],
    );
    const wrong = answersWith((pages) => {
      pages[100] = 1;
    });
    assert.deepEqual(
      judge([wrong], standardOf('baseline', cut)).findings.map(({ code }) => code),
      ['baseline-differs'],
    );
  });

  test('across minors, counts a page LSN alone by its name, neither as equal nor as a difference', ({
    assert,
  }) => {
    const other = answersWith((pages) => {
      // Block 2 of the heap and block 0 of the visibility map, stamped with other LSNs.
      for (const request of [2, 3]) pages.writeUInt32LE(0x7777, request * pageSizeBytes + 4);
    });
    const { tallies, findings, named } = judge([other], tapeStandard(tape, true));
    assert.deepEqual(findings, []);
    assert.deepEqual(
      tallies.map(({ pages, named: counts, differences }) => [pages, counts, differences]),
      [[4, { 'heap-lsn-only': 1, 'vm-lsn-only': 1 }, 0]],
    );
    assert.deepEqual(named, [
      { class: 'heap-lsn-only', subject: 'public.words main block 2 (request 2)' },
      { class: 'vm-lsn-only', subject: 'public.words vm block 0 (request 3)' },
    ]);
    const claimedEqual = judge([other]);
    assert.deepEqual(
      claimedEqual.findings.map(({ code }) => code),
      ['page-lsn', 'page-lsn'],
    );
    assert.deepEqual(claimedEqual.named, []);
  });

  test('across minors too, everything else is a difference', ({ assert }) => {
    for (const offset of [12, 24, 5000]) {
      const wrong = answersWith((pages) => {
        pages.writeUInt32LE(0x7777, 2 * pageSizeBytes + 4);
        const at = 2 * pageSizeBytes + offset;
        pages[at] = (pages[at] ?? 0) ^ 1;
      });
      const { tallies, findings, named } = judge([wrong], tapeStandard(tape, true));
      assert.equal(tallies[0]?.differences, 1);
      assert.lengthOf(findings, 1);
      assert.deepEqual(named, []);
    }
    const { tallies } = judge([{ ...answersWith(), pages: 3 }], tapeStandard(tape, true));
    assert.equal(tallies[0]?.differences, 1);
  });

  test('refuses to call it equal when there was nothing to compare', ({ assert }) => {
    assert.equal(thrownBy(() => judge([answersWith()], standardOf('baseline'))).code, 'nothing-compared');
    const wal = new TinyWal();
    wal.insert([{ block: 0, fork: 1, willInit: true }]);
    wal.tape(new MemoryPages(), new MemoryPages(), join(scratch.path, 'unjudged'));
    const unjudged = Tape.open(join(scratch.path, 'unjudged'));
    const error = thrownBy(() => judgePages(unjudged, [], tapeStandard(unjudged), () => null));
    assert.deepEqual([error.kind, error.code], ['infrastructure', 'nothing-compared']);
  });
});
