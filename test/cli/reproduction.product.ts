import { once } from 'node:events';
import { copyFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';
import { execa } from 'execa';

import { openBundle } from '../../harness/bundle/open.ts';
import { silent } from '../../harness/host/progress.ts';
import { readRequestRecords } from '../../harness/redo/request/request-records.ts';
import { coveringRequests, extractTape } from '../../harness/redo/tape/tape-extract.ts';
import { Tape } from '../../harness/redo/tape/tape.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { complaintsOf, newPage, openBrowser } from '../support/chromium.ts';
import { breakBundle } from '../support/broken-bundle.ts';
import type { Report } from '../../harness/report/report.ts';
import { judged, redoubt } from '../support/redoubt-command.ts';
import { referenceBundle, smallTape } from '../support/small-tape.ts';

/** RM_HEAP2_ID. */
const heap2 = 9;
const launcher = join(import.meta.dirname, '../../redoubt');

async function script(folder: string, bundle: string) {
  const { exitCode, stdout, stderr } = await execa(join(folder, 'reproduce.sh'), [bundle], { reject: false });
  return { exitCode, words: stdout + stderr };
}

async function bytesOf(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function statusOf(target: string, init: RequestInit): Promise<number> {
  return (await fetch(target, init)).status;
}

test.group('from a wrong page to its reproduction', (group) => {
  let work: TemporaryDirectory;
  /** Of the bundle's own minor: pages of another one may rightly differ. */
  let tape: string;
  let requests: number;
  let sound: string;
  /** Misapplies Heap INSERT: the last bytes of its data are others. */
  let broken: string;

  group.setup(async () => {
    work = await temporaryDirectory('tests of reproductions');
    const reference = await referenceBundle();
    tape = join(work.path, 'small-tape');
    const small = await smallTape(17);
    requests = extractTape(small, coveringRequests(small, 900_000), tape).counts.requests;
    sound = (await openBundle(reference.source, silent)).directory;
    broken = await breakBundle(
      reference,
      { kind: 'misapply', rmgrId: 10, info: 0, offsetBytes: -4 },
      join(work.path, 'broken'),
    );
    return async () => {
      await work[Symbol.asyncDispose]();
    };
  });

  test('a finding becomes one record in a folder below 20 kB, which shows the same difference', async ({
    assert,
  }) => {
    const report = join(work.path, 'report');
    const run = await judged(
      `gate --pg 17 --hosts debian:12 --suites walredo --tape ${tape} --report ${report} --candidate ${broken}`,
    );
    assert.equal(run.exitCode, 1);
    // All pages that differ were pruned, too: that says nothing once each was replayed record by record.
    assert.deepEqual([...new Set(run.report.findings.map(({ page }) => page?.parting?.kind))], ['INSERT']);
    assert.notInclude(JSON.stringify(run.report.cells), 'PRUNE');
    const finding = run.report.findings.find(({ page }) => page !== undefined);
    const out = join(work.path, 'finding');
    const { stdout, exitCode } = await redoubt(['extract', report, '--out', out]);
    assert.equal(exitCode, 0);
    assert.include(stdout, `record ${String(finding?.page?.parting?.number)} of`);
    assert.include(stdout, 'Heap INSERT');
    assert.isBelow(await bytesOf(out), 20_000);
    const shown = await script(out, broken);
    assert.equal(shown.exitCode, 1);
    assert.match(shown.words, /differ: (byte|char) \d+/);
    assert.include(shown.words, 'byte for byte what came back when it was found');
    assert.match(stdout, /byte \d+: data of item \d+: [0-9a-f]+.* expected, [0-9a-f]+.* found/);
    assert.deepEqual(await script(out, sound), { exitCode: 0, words: 'the pages are as they must be' });
  });

  test('a record of several kB on a pushed page is packed with it, and shows the same difference', async ({
    assert,
  }) => {
    const small = await smallTape(17);
    const request = [...small.index].find((each) => {
      const { records } = readRequestRecords(small.readRequest(each));
      return records.some(({ bytes }, number) => number > 0 && bytes.length > 4000 && bytes[17] === heap2);
    });
    if (request === undefined) throw new Error('the tape has no such record');
    const lineage = join(work.path, 'lineage');
    extractTape(small, [request], lineage);
    const multi = await breakBundle(
      await referenceBundle(),
      { kind: 'misapply', rmgrId: heap2, info: 0x50, offsetBytes: 2000 },
      join(work.path, 'multi'),
    );
    const report = join(work.path, 'multi-report');
    await judged(
      `gate --pg 17 --hosts debian:12 --suites walredo --tape ${lineage} --report ${report} --candidate ${multi}`,
    );
    const out = join(work.path, 'large');
    const { stdout } = await redoubt(['extract', report, '--out', out]);
    assert.match(stdout, /: record \d+ of \d+, Heap2 MULTI_INSERT, ends at \S+, \d+ kB$/m);
    assert.deepEqual((await readdir(out)).toSorted(), ['reproduce.sh', 'shown.tar.gz']);
    assert.isBelow(await bytesOf(out), 15_000);
    const shown = await script(out, multi);
    assert.equal(shown.exitCode, 1);
    assert.include(shown.words, 'byte for byte what came back when it was found');
    assert.equal((await script(out, sound)).exitCode, 0);
    await execa('tar', ['-xzf', 'shown.tar.gz'], { cwd: out });
    assert.isAbove((await stat(join(out, 'requests'))).size, 8192 + 4000);
  });

  test('so does a page that the bundle does not give', async ({ assert }) => {
    const page = [...Tape.open(tape).index].find(({ origin, records }) => origin !== 'base' && records > 2);
    if (page === undefined) throw new Error('the tape has no such page');
    const dies = await breakBundle(
      await referenceBundle(),
      { kind: 'crash', at: { kind: 'page', key: page.key } },
      join(work.path, 'dies-on-a-page'),
    );
    const report = join(work.path, 'silent');
    const run = await judged(
      `gate --pg 17 --hosts debian:12 --suites walredo --tape ${tape} --report ${report} --candidate ${dies}`,
    );
    const finding = run.report.findings.find(({ code }) => code === 'page-unanswered');
    assert.equal(finding?.page?.parting?.number, 1, finding?.message);
    const explained = await redoubt(['explain', join(report, finding?.page?.files ?? '')]);
    assert.match(explained.stdout, /WRONG FROM HERE ON[\s\S]*The bundle gives no page here\./);
    const out = join(work.path, 'no-page');
    const { stdout } = await redoubt(['extract', report, '--out', out]);
    assert.include(stdout, 'the bundle gave no page');
    const shown = await script(out, dies);
    assert.equal(shown.exitCode, 1);
    assert.match(shown.words, /walredo exits with 139/);
    assert.equal((await script(out, sound)).exitCode, 0);
  });

  test('a report that is opened replays a page of it again, for this machine alone', async ({ assert }) => {
    await using stack = new AsyncDisposableStack();
    const served = execa(launcher, ['open', join(work.path, 'report'), '--json'], { reject: false });
    stack.defer(async () => {
      served.kill();
      await served;
    });
    const [line] = (await once(served.stdout, 'data')) as [Buffer];
    const { url } = JSON.parse(line.toString()) as { readonly url: string };
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
    const html = await (await fetch(url)).text();
    assert.include(html, "connect-src 'self'");
    assert.include(html, '<body data-served>');
    const report = (await (await fetch(`${url}report.json`)).json()) as Report;
    const finding = report.findings.findIndex(({ page }) => page !== undefined);
    const replay = `${url}replay/${String(finding)}`;
    const headers = { 'x-redoubt': 'replay' };
    const response = await fetch(replay, { method: 'POST', headers });
    assert.deepEqual(await response.json(), {
      words: 'The same wrong page again, byte for byte. By the bundle that was judged, on debian:12.',
    });
    await using browser = await openBrowser();
    const page = await newPage(browser);
    const complaints = complaintsOf(page);
    await page.goto(`${url}#/page/${String(finding)}`);
    await page.click('button.replay');
    await page.getByText('The same wrong page again').waitFor();
    assert.deepEqual(
      complaints.filter((complaint) => !complaint.startsWith(`asks for ${url}`)),
      [],
    );
    assert.equal(await statusOf(replay, { method: 'POST' }), 403);
    const elsewhere = { ...headers, origin: 'http://example.org' };
    assert.equal(await statusOf(replay, { method: 'POST', headers: elsewhere }), 421);
    assert.equal(await statusOf(`${url}replay/999`, { method: 'POST', headers }), 500);
    assert.equal(await statusOf(`${url}../etc/passwd`, {}), 404);
    served.kill('SIGINT');
    assert.equal((await served).exitCode, 0);
  });

  test('bisect names the first bad record, and writes it down', async ({ assert }) => {
    const out = join(work.path, 'bisected');
    const { stdout, exitCode } = await redoubt(['bisect', tape, '--bundle', broken, '--out', out, '--quiet']);
    assert.equal(exitCode, 1);
    assert.match(
      stdout,
      /^first bad record: Heap INSERT, which ends at [0-9A-F]+\/[0-9A-F]+\n {2}on \w+\.\w+/,
    );
    assert.match(stdout, /byte \d+: data of item \d+: [0-9a-f]+ expected, [0-9a-f]+ found/);
    assert.equal((await script(out, broken)).exitCode, 1);
    assert.equal((await script(out, sound)).exitCode, 0);
  });

  test('bisect of a recording goes by the sound bundle', async ({ assert }) => {
    const words = ['bisect', join(tape, 'requests'), '--pg', '17', '--bundle', broken, '--json', '--quiet'];
    const { stdout, exitCode } = await redoubt(words);
    assert.equal(exitCode, 1);
    const { first } = JSON.parse(stdout) as { readonly first: { readonly record: object } };
    assert.deepInclude(first.record, { rmgr: 'Heap', kind: 'INSERT' });
  });

  test('bisect finds the record after which a bundle gives no page', async ({ assert }) => {
    const dies = await breakBundle(
      await referenceBundle(),
      { kind: 'crash', at: { kind: 'request', number: 1 } },
      join(work.path, 'dies'),
    );
    const { stdout, exitCode } = await redoubt([
      'bisect',
      tape,
      '--bundle',
      dies,
      '--request',
      '3',
      '--quiet',
    ]);
    assert.equal(exitCode, 1);
    assert.match(stdout, /record 1 of \d+/);
    assert.include(stdout, 'the bundle gives no page');
  });

  test('bisect tells a page that is wrong before any record', async ({ assert }) => {
    const pushed = [...Tape.open(tape).index].find(({ origin }) => origin === 'base');
    if (pushed === undefined) throw new Error('the tape pushes no page');
    const flips = await breakBundle(
      await referenceBundle(),
      { kind: 'flip-byte', at: { kind: 'page', key: pushed.key }, offsetBytes: 8000 },
      join(work.path, 'flips'),
    );
    const { stdout, exitCode } = await redoubt(['bisect', tape, '--bundle', flips, '--quiet']);
    assert.equal(exitCode, 1);
    assert.include(stdout, 'wrong before any record');
    assert.include(stdout, `(request ${String(pushed.number)})`);
    assert.include(stdout, `1 of ${String(requests)} pages are wrong`);
  });

  test('bisect of a bundle without fault finds none', async ({ assert }) => {
    const { stdout, exitCode } = await redoubt([
      'bisect',
      tape,
      '--bundle',
      sound,
      '--sound',
      broken,
      '--quiet',
    ]);
    assert.equal(stdout, `${String(requests)} requests replayed: every page is as it must be`);
    assert.equal(exitCode, 0);
  });

  test('requests of a tape come with a script, too', async ({ assert }) => {
    const out = join(work.path, 'tape');
    assert.equal((await redoubt(['extract', tape, '--out', out])).exitCode, 0);
    assert.equal((await script(out, sound)).exitCode, 0);
    assert.equal((await script(out, broken)).exitCode, 1);
    assert.equal((await script(out, out)).exitCode, 2);
    assert.include((await script(out, out)).words, 'is no bundle with v17');
  });

  test('requests of a recording are run, and nothing is said of their pages', async ({ assert }) => {
    const recording = join(work.path, 'failing.walredo');
    await copyFile(join(tape, 'requests'), recording);
    const out = join(work.path, 'recorded');
    const words = ['extract', recording, '--pg', '17', '--request', '3', '--out', out];
    const { stdout } = await redoubt(words);
    assert.include(stdout, 'what the pages must be is not known');
    const ran = await script(out, sound);
    assert.equal(ran.exitCode, 2);
    assert.match(ran.words, /1 of 1 pages came back/);
  });

  test('what is wrong with the words is told, and nothing is left', async ({ assert }) => {
    const out = join(work.path, 'none');
    const cases = [
      [`extract ${work.path} --out ${out}`, /is no tape, recording or report/],
      [`extract ${tape} --out ${tape}`, /exists already/],
      [`extract ${tape} --out ${out} --finding 1`, /--finding is for reports/],
      [`extract ${join(work.path, 'report')} --out ${out} --finding 99`, /--finding 99: .* has \d+ findings/],
      [`bisect ${work.path} --bundle ${sound}`, /is neither a tape nor a recording/],
      [`bisect ${tape} --bundle ${broken} --sound ${broken}`, /are the same/],
      [`bisect ${tape} --bundle ${broken} --request ${String(requests)}`, /has \d+ requests, from 0 on/],
    ] as const;
    for (const [words, message] of cases) {
      const { exitCode, stderr } = await redoubt(words.split(' '));
      assert.match(stderr, message);
      assert.equal(exitCode, 2, words);
    }
    assert.notInclude(await readdir(work.path), 'none');
  });
});
