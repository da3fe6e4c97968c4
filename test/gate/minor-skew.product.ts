import { join } from 'node:path';

import { test } from '@japa/runner';

import type { Bundle } from '../../harness/bundle/open.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import type { Report } from '../../harness/report/report.ts';
import type { Tape } from '../../harness/redo/tape.ts';
import type { TapeRequest } from '../../harness/redo/tape-index.ts';
import { breakBundle, type Fault } from '../support/broken-bundle.ts';
import { judged, redoubt } from '../support/redoubt-command.ts';
import { referenceBundle, smallTape } from '../support/small-tape.ts';

/* A bundle on WAL of another minor: the run says so, claims no equality, and still catches what has no name. */

const major = 17;
const olderImage = 'npm:17.0';

test.group('minor skew', (group) => {
  let reference: Bundle;
  let tape: Tape;
  group.setup(async () => {
    reference = await referenceBundle();
    tape = await smallTape(major, olderImage);
  });

  test('a newer bundle on older WAL', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a report');
    const { exitCode, report } = await judged(
      `replay ${tape.directory} --hosts debian:11,debian:13 --report ${join(scratch.path, 'report')}`,
    );
    assert.equal(exitCode, 0, report.sentence);
    const [skew] = report.inputs.skews;
    assert.equal(skew?.wal, '17.0');
    assert.notEqual(skew?.bundle, '17.0');
    assert.include(report.sentence, `across minors: PostgreSQL ${skew?.bundle ?? ''} on WAL of 17.0`);
    const ids = report.cells.flatMap(({ checks }) => checks.map(({ id }) => id));
    assert.lengthOf(
      ids.filter((id) => /\/skew-[^/]+$/.test(id)),
      2,
    );
    assert.isEmpty(ids.filter((id) => /\/recovery-[^/]+$/.test(id)));
    assert.isAbove(report.pages, 500);
    assert.equal(report.differences, 0);
  });

  test('a page LSN alone is counted by its name', async ({ assert }) => {
    const report = await replayBroken({ kind: 'wrong-lsn', at: heapPage(tape) });
    assert.equal(report.exitCode, 0, report.sentence);
    assert.deepEqual(report.compared.recovery.named, { 'heap-lsn-only': 1 });
    assert.equal(report.differences, 0);
    const notes = report.cells.flatMap(({ checks }) => checks.flatMap((check) => check.notes));
    assert.include(notes, `heap-lsn-only: ${nameOf(tape)} differs in its page LSN alone`);
  });

  test('catch: any other byte of the same page', async ({ assert }) => {
    const report = await replayBroken({ kind: 'flip-byte', at: heapPage(tape), offsetBytes: 5000 });
    assert.equal(report.exitCode, 1, report.sentence);
    assert.equal(report.findings[0]?.code, 'page-content');
    assert.equal(report.differences, 1);
    assert.match(report.sentence, /^incompatible .*across minors/);
  });

  async function replayBroken(fault: Fault): Promise<Report> {
    await using scratch = await temporaryDirectory('a broken bundle');
    const candidate = await breakBundle(reference, fault, join(scratch.path, 'bundle'));
    const { report } = await judged(
      `replay ${tape.directory} --hosts debian:12 --bundle ${candidate} --report ${join(scratch.path, 'report')}`,
    );
    return report;
  }
});

/** Bundles of one server and WAL of another, out of npm's and Debian's, judged by the gate as a user would. */
const pairs = [
  { bundle: 'npm:17.0', compute: 'npm:17.10', differs: false },
  { bundle: 'npm:17.10', compute: 'npm:17.0', differs: false },
  // From 17.11 on heap records register the page of the visibility map whose bits they clear: older redo passes it over.
  { bundle: 'npm:17.10', compute: 'debian:13', differs: true },
] as const;

/** The full tier alone: each of them builds a bundle and captures twice. */
const triedPairs = process.env['REDOUBT_TEST_TIER'] === 'full' ? pairs : [];

test.group('minor skew between servers', () => {
  for (const { bundle, compute, differs } of triedPairs) {
    test(`${bundle} on WAL of ${compute}: ${differs ? 'the bits that stay set are found' : 'compatible'}`, async ({
      assert,
    }) => {
      await using scratch = await temporaryDirectory('a bundle of another minor');
      const candidate = join(scratch.path, 'bundle.tar.zst');
      const built = await redoubt(['bundle', 'build', '--compute', bundle, '--out', candidate, '--quiet']);
      assert.equal(built.exitCode, 0, built.stderr);
      const { exitCode, report } = await judged(
        `gate --suites walredo --hosts debian:12 --candidate ${candidate} --compute ${compute} --report ${join(scratch.path, 'report')}`,
      );
      assert.lengthOf(report.inputs.skews, 1);
      assert.include(report.sentence, 'across minors');
      if (differs) {
        assert.equal(exitCode, 1, report.sentence);
        const bits = report.findings.filter(({ code }) => code === 'page-map-bits');
        assert.isNotEmpty(bits);
        assert.isTrue(bits.some(({ message }) => /bits? set that must be clear/.test(message)));
        const others = report.findings.filter(
          ({ page }) => page !== undefined && page.kind !== 'visibility-map',
        );
        assert.deepEqual(
          others.map(({ message }) => message),
          [],
        );
      } else {
        assert.equal(exitCode, 0, report.sentence);
        assert.equal(report.differences, 0);
      }
    }).timeout(600_000);
  }
});

/** The first heap page of a user's table that the oracle judges. */
function heapRequest(tape: Tape): TapeRequest {
  for (const request of tape.index) {
    if (request.oracle === 'recovery' && tape.relationOf(request.key)?.kind === 'heap' && request.number > 5)
      return request;
  }
  throw new TypeError('the small tape has no heap page');
}

function heapPage(tape: Tape): Extract<Fault, { kind: 'wrong-lsn' }>['at'] {
  return { kind: 'page', key: heapRequest(tape).key };
}

function nameOf(tape: Tape): string {
  const { key, number } = heapRequest(tape);
  return `${tape.nameOf(key)} (request ${String(number)})`;
}
