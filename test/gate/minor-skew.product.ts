import { join } from 'node:path';

import type { Assert } from '@japa/assert';
import { test } from '@japa/runner';

import type { Bundle } from '../../harness/bundle/open.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import type { Finding } from '../../harness/verdict/finding.ts';
import type { Report } from '../../harness/report/report.ts';
import type { Tape } from '../../harness/redo/tape/tape.ts';
import type { TapeRequest } from '../../harness/redo/tape/tape-index.ts';
import { breakBundle, type Fault } from '../support/broken-bundle.ts';
import { judged, redoubt } from '../support/redoubt-command.ts';
import { bundleOfImage, referenceBundle, smallTape } from '../support/small-tape.ts';

/* A bundle on WAL of another minor: the run says so, claims no equality, and still catches what has no name. */

const major = 17;
const olderImage = 'npm:17.0';
const namingImage = 'debian:13';

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

/* From 17.11 and 18.6 on heap records name the page of the visibility map whose bits they clear. */
test.group('an older bundle on WAL that names pages of the visibility map', (group) => {
  let candidate: string;
  group.setup(async () => {
    candidate = await bundleOfImage('npm:17.10');
  });

  test('clears the same bits: the page LSN alone differs', async ({ assert }) => {
    const { exitCode, report } = await replayOlder(await smallTape(major, namingImage));
    assert.equal(exitCode, 0, report.sentence);
    assert.equal(report.differences, 0);
    const { named } = report.compared.recovery;
    assert.deepEqual(Object.keys(named), ['vm-lsn-only']);
    assert.isAbove(named['vm-lsn-only'] ?? 0, 0);
  });

  test('catch: it passes over images of such pages, and the bits on them are lost', async ({ assert }) => {
    const { exitCode, report } = await replayOlder(await smallTape(major, namingImage, 'images'));
    assert.equal(exitCode, 1, report.sentence);
    assert.isNotEmpty(report.findings);
    for (const finding of report.findings) assertLostBits(assert, finding);
  });

  async function replayOlder(tape: Tape): ReturnType<typeof judged> {
    await using scratch = await temporaryDirectory('a report');
    return judged(
      `replay ${tape.directory} --hosts debian:12 --bundle ${candidate} --report ${join(scratch.path, 'report')}`,
    );
  }
});

/** Bundles of one server and WAL of another, oldest and newest that can be had, judged by the gate as a user would. */
const pairs = [
  { bundle: 'npm:14.3', compute: 'npm:14', passesOver: false },
  { bundle: 'npm:14', compute: 'npm:14.3', passesOver: false },
  { bundle: 'npm:15.0', compute: 'npm:15', passesOver: false },
  { bundle: 'npm:15', compute: 'npm:15.0', passesOver: false },
  { bundle: 'npm:16.1', compute: 'npm:16', passesOver: false },
  { bundle: 'npm:16', compute: 'npm:16.1', passesOver: false },
  { bundle: 'npm:17.0', compute: 'npm:17.10', passesOver: false },
  { bundle: 'npm:17.10', compute: 'npm:17.0', passesOver: false },
  { bundle: 'npm:17.10', compute: namingImage, passesOver: true },
  { bundle: 'npm:17.0', compute: namingImage, passesOver: true },
  { bundle: namingImage, compute: 'npm:17.0', passesOver: false },
  { bundle: 'npm:18.0', compute: 'debian:14', passesOver: true },
  { bundle: 'debian:14', compute: 'npm:18.0', passesOver: false },
] as const;

/** The full tier alone: each of them builds a bundle and captures thrice. */
const triedPairs = process.env['REDOUBT_TEST_TIER'] === 'full' ? pairs : [];

test.group('minor skew between servers', () => {
  for (const { bundle, compute, passesOver } of triedPairs) {
    test(`${bundle} on WAL of ${compute}: ${passesOver ? 'images of the map are passed over' : 'compatible'}`, async ({
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
      const named = report.compared.recovery.named['vm-lsn-only'] ?? 0;
      if (passesOver) {
        assert.equal(exitCode, 1, report.sentence);
        assert.isAbove(named, 0);
        const failed = report.cells.flatMap(({ checks }) =>
          checks.filter(({ outcome }) => outcome === 'failed'),
        );
        assert.isEmpty(failed.filter(({ id }) => id.endsWith('/skew-records')));
        const pages = report.findings.filter(
          ({ code }) => code !== 'page-unanswered' && code !== 'walredo-died',
        );
        assert.isNotEmpty(pages);
        for (const finding of pages) assertLostBits(assert, finding);
        // Debian's servers compress some images by LZ4 and zstd, which npm's builds lack.
        const deaths = report.findings.filter(({ code }) => code === 'walredo-died');
        for (const { message } of deaths)
          assert.match(message, /(LZ4|zstd) not supported by build|walredo failed \d+ times/);
      } else {
        assert.equal(exitCode, 0, report.sentence);
        assert.equal(report.differences, 0);
        assert.equal(named, 0);
      }
    });
  }
});

function assertLostBits(assert: Assert, { code, message, page }: Finding): void {
  assert.equal(code, 'page-map-bits', message);
  assert.equal(page?.kind, 'visibility-map');
  assert.match(message, /has \d+ bits? clear that must be set: vacuum and index-only scans visit again/);
  assert.notMatch(message, /set that must be clear/);
  assert.match(message, /the (Heap|Heap2) \S+ record that ends at \S+ brings the page as an image/);
}

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
