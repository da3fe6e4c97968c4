import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from '@japa/runner';
import type { Browser } from 'playwright-core';

import { exampleString } from '../../../harness/collation/example-string.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../../harness/host/run-directory.ts';
import { type CauseView, driftHtml, type ProofView } from '../../../harness/report/html/drift-html.ts';
import { deriveReport, type Report } from '../../../harness/report/report.ts';
import { htmlReport } from '../../../harness/report/html/html-report.ts';
import { extractTape } from '../../../harness/redo/tape/tape-extract.ts';
import { Tape } from '../../../harness/redo/tape/tape.ts';
import { madeHistory } from '../../verdict/made-evidence.ts';
import { seriousFaults } from '../../support/accessibility.ts';
import { breakBundle } from '../../support/broken-bundle.ts';
import { openBrowser } from '../../support/chromium.ts';
import { judged } from '../../support/redoubt-command.ts';
import { referenceBundle, smallTape } from '../../support/small-tape.ts';
import { hugeReport, hugeRun } from './huge-report.ts';
import { driftEvidence } from '../../../harness/verdict/drift-evidence.ts';
import { unmovedDrift } from '../../support/unmoved-drift.ts';
import { openPage, type OpenedPage } from './opened-page.ts';

/* Reports as people open them: a real Chromium, a file, no network. */

const found = {
  counts: { rowsNotFound: 947 },
  findings: [{ code: 'readback-row-not-found', message: 'one' }],
};

/** A libicu whose data is guilty, as `--attribute` finds it. */
const madeCause: CauseView = {
  provider: 'icu',
  locales: ['und', 'sv'],
  cause: 'libicu: its data, not its code',
  characters: [],
  pairs: [{ left: exampleString("O'Connor"), right: exampleString('O\u{2019}Brien') }],
  runs: [
    { exchanged: 'nothing (from)', libraries: '<', server: '<', environment: 'pg=npm:17' },
    {
      exchanged: "libicu's data into from",
      libraries: '>',
      server: '',
      environment: 'pg=npm:17,icudata=debian:13',
    },
  ],
  idle: ['libc with its locale data'],
  notExchanged: [],
};

/** A server that knows other letters. */
const madeLetters: CauseView = {
  provider: 'builtin',
  locales: ['C.UTF-8'],
  cause: 'the server itself, not its libraries',
  pairs: [],
  characters: [{ what: 'lower', character: exampleString('\u1C89') }],
  runs: [{ exchanged: 'nothing (from)', libraries: '', server: '\u1C89', environment: 'pg=npm:17' }],
  idle: [],
  notExchanged: [],
};

const side = { name: 'npm:17', libc: '2.36', icu: null, assigned: {} };

/** What a proof of C.UTF-8 comes to, in short. */
const madeProof: ProofView = {
  provider: 'libc',
  locale: 'C.UTF-8',
  server: 'PostgreSQL 17.10',
  from: 'one',
  to: 'other',
  rows: { order: 3000, moved: 800 },
  warnings: { opened: [] },
  order: {
    breaks: true,
    opened: found,
    refreshed: found,
    reindexed: { counts: { rowsNotFound: 0 }, findings: [] },
  },
  pages: [
    {
      index: 'words_word',
      entries: 3000,
      pairsFlipped: 1,
      flips: [
        {
          left: {
            key: { text: '😂', codePoints: ['U+1F602'] },
            from: { block: 4, item: 221 },
            to: { block: 9, item: 7 },
          },
          right: {
            key: { text: 'a', codePoints: ['U+0061'] },
            from: { block: 4, item: 222 },
            to: { block: 1, item: 3 },
          },
        },
      ],
    },
  ],
};

test.group('an HTML report in Chromium', (group) => {
  let work: TemporaryDirectory;
  let browser: Browser;
  let tape: string;

  group.setup(async () => {
    work = await temporaryDirectory('tests of HTML reports');
    browser = await openBrowser();
    tape = (await smallTape(17)).directory;
    return async () => {
      await browser.close();
      await work[Symbol.asyncDispose]();
    };
  });

  const open = (path: string, look?: Parameters<Browser['newPage']>[0]): Promise<OpenedPage> =>
    openPage(browser, path, look);

  async function gateReport(name: string, more = ''): Promise<string> {
    const folder = join(work.path, name);
    await judged(`gate --pg 17 --hosts debian:12 --suites walredo --tape ${tape} --report ${folder}${more}`);
    return join(folder, 'report.html');
  }

  test('of a passing run opens, and its cells say what was compared', async ({ assert }) => {
    const { page, complaints } = await open(await gateReport('passing'));
    assert.match(await page.textContent('h1').then(String), /compatible \(walredo\)/);
    assert.equal(await page.locator('.suspect').count(), 0);
    assert.deepEqual(await seriousFaults(page), []);
    await page.click('.matrix td a');
    await page.waitForSelector('.cell');
    assert.match(
      await page.textContent('.cell').then(String),
      /pages held against recovery7\d\drecords[\d,]+differences0/,
    );
    assert.deepEqual(await seriousFaults(page), []);
    assert.deepEqual(complaints, []);
    await page.evaluate("document.querySelector('.back a').replaceChildren()");
    assert.match((await seriousFaults(page)).join(), /link-name/, 'a link without words is noticed');
  });

  test('of a bundle that misapplies Heap INSERT names that and the page at once, and leads to the field in three clicks', async ({
    assert,
  }) => {
    const bundle = await breakBundle(
      await referenceBundle(),
      { kind: 'misapply', rmgrId: 10, info: 0, offsetBytes: -4 },
      join(work.path, 'bundles', 'misapplies'),
    );
    const path = await gateReport('failing', ` --candidate ${bundle}`);
    const { page, complaints } = await open(path, { viewport: { width: 1280, height: 900 } });
    const card = page.locator('.suspect').first();
    await card.waitFor();
    const box = await card.boundingBox();
    assert.isBelow((box?.y ?? 900) + (box?.height ?? 900), 900, 'it is on the first screen');
    assert.match(
      await card.innerText(),
      /Wrong after Heap INSERT[\s\S]*page\s+pg_catalog\.\w+ main block \d+/,
    );
    assert.deepEqual(await seriousFaults(page), []);

    await card.locator('h3 a').click();
    await page.waitForSelector('.explorer');
    assert.match(
      await page.locator('.records [aria-current]').innerText(),
      /Heap INSERT[\s\S]*wrong from here on/,
    );
    const field = page.locator('.field-table tr.differs').first();
    await field.locator('button').click();
    assert.match(await field.innerText(), /\d+\s+item \d+\s+data/);
    assert.isAbove(await page.locator('.hex .chosen').count(), 0);
    assert.isAbove(await page.locator('.hex .chosen.differs').count(), 0);
    assert.deepEqual(await seriousFaults(page), []);

    // Before that record both sides were the same, and what is after it stays wrong.
    await page.click('[data-to="before"]');
    assert.match(await page.locator('.fields p').innerText(), /^0 fields of/);
    assert.match(page.url(), /step=\d+$/);
    await page.keyboard.press('ArrowRight');
    assert.match(await page.locator('.fields p').innerText(), /^1 field of/);
    await page.selectOption('#comparison', 'bundle');
    assert.isAbove(Number(/^\d+/.exec(await page.locator('.fields p').innerText())?.[0]), 1);
    await page.click('[data-to="end"]');
    await page.selectOption('#comparison', 'sides');
    assert.isAbove(await page.locator('.field-table tr.differs').count(), 0);
    await page.click('#bytes button');
    assert.isAbove(await page.locator('.hex tbody tr').count(), 100);
    await page.goBack();
    await page.waitForSelector('.suspect');
    assert.deepEqual(complaints, []);

    const phone = await open(path, { viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
    await phone.page.locator('.suspect h3 a').first().click();
    await phone.page.waitForSelector('.explorer');
    const width = await phone.page.evaluate('document.documentElement.scrollWidth');
    assert.isAtMost(Number(width), 390, 'nothing makes the page itself scroll sideways');
    assert.deepEqual(await seriousFaults(phone.page), []);
    assert.deepEqual(phone.complaints, []);
  });

  const misapplied = [
    {
      record: 'Gist PAGE_SPLIT',
      fault: { rmgrId: 14, info: 0x30, offsetBytes: 600 },
      request: 53,
      card: /Wrong after Gist PAGE_SPLIT[\s\S]*page\s+every\.place_dead_place main block 4[\s\S]*field\s+key of item 7/,
      field: /key/,
    },
    {
      record: 'XLOG FPI_FOR_HINT',
      fault: { rmgrId: 0, info: 0xa0, offsetBytes: -138 },
      request: 12,
      card: /Wrong after XLOG FPI_FOR_HINT[\s\S]*page\s+every\.placed_place fsm block 2[\s\S]*field\s+fp_nodes\[0\]/,
      field: /fp_nodes/,
    },
  ] as const;
  for (const { record, fault, request, card, field } of misapplied) {
    test(`names the misapplied ${record}, its page and field on the first screen`, async ({ assert }) => {
      const bundle = await breakBundle(
        await referenceBundle(),
        { kind: 'misapply', ...fault },
        join(work.path, 'bundles', String(request)),
      );
      const kept = Tape.open(join(import.meta.dirname, '../../../corpora/tapes/pg17'));
      const small = join(work.path, `request-${String(request)}`);
      extractTape(kept, [kept.index.at(request)], small);
      const folder = join(work.path, `run-${String(request)}`);
      await judged(
        `gate --pg 17 --hosts debian:12 --suites walredo --tape ${small} --report ${folder} --candidate ${bundle}`,
      );
      const { page, complaints } = await open(join(folder, 'report.html'), {
        viewport: { width: 1280, height: 900 },
      });
      const suspect = page.locator('.suspect').first();
      assert.match(await suspect.innerText(), card);
      const box = await suspect.boundingBox();
      assert.isBelow((box?.y ?? 900) + (box?.height ?? 900), 900, 'it is on the first screen');
      await suspect.locator('h3 a').click();
      await page.waitForSelector('.explorer');
      assert.match(await page.locator('.field-table tr.differs').first().innerText(), field);
      assert.deepEqual(complaints, []);
    });
  }

  test('of a bundle with another libicu shows pairs that change places, by script, and as a page of its own', async ({
    assert,
  }) => {
    const folder = join(work.path, 'drifted');
    const { exitCode, report } = await judged(
      `gate --pg 17 --hosts debian:12 --suites collation --locales und,C.UTF-8 --compute pg=npm:17,libc=debian:13,icu=debian:12 --report ${folder}`,
    );
    assert.equal(exitCode, 1);
    const { page, complaints } = await open(join(folder, 'report.html'));
    assert.match(
      await page.locator('.suspect').innerText(),
      /libicu 76\.1 of the bundle orders strings otherwise/,
    );
    await page.waitForSelector('#drift');
    const words = await page.locator('#drift').innerText();
    assert.match(words, /U\+0027[\s\S]*Han\s+3,\d{3}/);
    assert.deepEqual(await seriousFaults(page), []);
    await page.locator('#drift .notes a').first().click();
    await page.waitForSelector('.finding .drift');
    assert.deepEqual(complaints, []);

    const found = report.findings.flatMap(({ drift }) => drift ?? []);
    const own = { strings: 1200, moved: 7, otherEquals: 0 };
    const [first] = found.map((drift) => ({ ...drift, own }));
    if (first === undefined) throw new Error('the gate found no drift');
    const letters = driftEvidence([unmovedDrift({ provider: 'builtin', locale: 'C.UTF-8' })], side, side);
    const drifts = [first, { ...letters, letters: '27 characters have another lower()' }];
    const path = join(work.path, 'drift.html');
    await writeFile(
      path,
      driftHtml({
        from: 'one',
        to: 'other',
        exitCode: 1,
        facts: [],
        drifts,
        causes: [madeCause, madeLetters],
        proofs: [madeProof],
      }),
    );
    const alone = await open(path, { viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
    assert.match(await alone.page.locator('h1').innerText(), /Order changes in icu und/);
    assert.match(
      await alone.page.locator('#drift .drift').first().innerText(),
      /7 of your 1,200 strings move[\s\S]*U\+0027/,
    );
    assert.match(
      await alone.page.locator('#drift .drift').last().innerText(),
      /builtin C\.UTF-8[\s\S]*Letters change: 27 characters have another lower\(\)\./,
    );
    const proof = await alone.page.locator('#proofs').innerText();
    assert.match(proof, /PostgreSQL breaks[\s\S]*gives no warning[\s\S]*rows not found\s+947\s+947\s+0/);
    assert.match(proof, /1 neighbours change places[\s\S]*U\+1F602[\s\S]*block 4 item 221, block 4 item 222/);
    const cause = await alone.page.locator('#causes').innerText();
    assert.match(cause, /icu und, sv[\s\S]*libicu: its data, not its code\.[\s\S]*U\+2019/);
    assert.match(
      cause,
      /libicu's data into from\s+>\s+pg=npm:17,icudata=debian:13[\s\S]*without effect: libc/,
    );
    assert.match(cause, /the server itself[\s\S]*Characters that were asked[\s\S]*lower\s+Ᲊ\s*U\+1C89/);
    assert.isAtMost(Number(await alone.page.evaluate('document.documentElement.scrollWidth')), 390);
    assert.deepEqual(await seriousFaults(alone.page), []);
    assert.deepEqual(alone.complaints, []);
  });

  test('shows the keys of an index as text, and says so where only the end of a page is known', async ({
    assert,
  }) => {
    const kept = Tape.open(tape);
    const request = [...kept.index].find(({ key }) => {
      const relation = kept.relationOf(key);
      return relation?.kind === 'btree' && relation.name.endsWith('_icu_de_pair');
    });
    if (request === undefined) throw new Error('the small tape has such an index');
    const expected = kept.readOraclePage(request);
    const actual = Buffer.from(expected);
    actual.writeUInt32LE(7, 20);
    const { collations = [], columns = [] } = kept.relationOf(request.key) ?? {};
    const name = kept.nameOf(request.key);
    const history = madeHistory({ name, kind: 'btree', collations, columns, steps: null });
    const page = {
      files: 'evidence/one',
      fields: [],
      records: [],
      relation: 'r',
      page: '1/2/3 main block 1',
    };
    const findings = [
      { check: 'c', code: 'page-content', message: 'm', page },
    ] as unknown as Report['findings'];
    const path = join(work.path, 'keys.html');
    const pages = [{ files: 'evidence/one', history, expected, actual, steps: [] }];
    await writeFile(path, htmlReport({ report: { ...deriveReport([]), findings }, events: [], pages }));
    const opened = await open(path);
    await opened.page.locator('.suspect h3 a').click();
    await opened.page.waitForSelector('.explorer');
    assert.equal(await opened.page.locator('.records [data-step]').count(), 1, 'the end alone');
    assert.match(await opened.page.locator('.field-table').innerText(), /20\s+header\s+pd_prune_xid/);
    await opened.page.click('.fields button');
    assert.match(
      await opened.page.locator('.field-table').innerText(),
      /U\+00[0-9A-F]{2}[\s\S]*word text in corpus\.icu_de\s+\d+\s+qty int4[\s\S]*label text in corpus\.icu_de/,
    );
    assert.deepEqual(await seriousFaults(opened.page), []);
    assert.deepEqual(opened.complaints, []);
  });

  test('of 10,000 cells and 1,000 findings is small, and each of its parts opens', async ({ assert }) => {
    const html = htmlReport({ report: hugeReport(), events: hugeRun(), pages: [] });
    assert.isBelow(Buffer.byteLength(html), 5_000_000);
    const path = join(work.path, 'huge', 'report.html');
    await mkdir(join(work.path, 'huge'));
    await writeFile(path, html);
    const { page, complaints } = await open(path);
    await page.getByRole('button', { name: 'Show all 400 rows' }).click();
    assert.equal(await page.locator('.matrix td').count(), 10_000);
    await page.locator('.matrix a[tabindex="0"]').focus();
    for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowUp']) await page.keyboard.press(key);
    const label = String(await page.evaluate("document.activeElement.getAttribute('aria-label')"));
    assert.match(label, /^distro-0:0, PostgreSQL 14, walredo: /);
    await page.fill('#finding-words', 'table_59940');
    assert.equal(await page.locator('.findings li').count(), 1);
    await page.locator('.findings a').click();
    await page.waitForSelector('.finding');
    await page.locator('.finding .where a').click();
    await page.waitForSelector('.cell');
    assert.equal(await page.locator('.check').count(), 6);
    assert.deepEqual(complaints, []);
  });

  test('shows hostile names as text and runs nothing of them', async ({ assert }) => {
    const hostile = `</script><script>document.title='owned'</script><img src=x onerror="document.title='owned'">`;
    const report = hugeReport();
    const [cell] = report.cells;
    if (cell === undefined) throw new Error('the huge report has cells');
    const named = { ...cell, id: `pg14/${hostile}/contract`, host: hostile };
    const findings = [{ check: cell.checks[0]?.id ?? '', code: 'page-content' as const, message: hostile }];
    const statements = [{ subject: 'libicu', isSame: false, code: null, words: `67.1 to 72.1 ${hostile}` }];
    const pin = {
      path: 'bundle.lock.json',
      bundle: 'a'.repeat(64),
      name: hostile,
      report: 'b'.repeat(64),
      reviewers: [hostile],
      comparisons: [{ major: 17, evidence: 'both bundles' as const, statements }],
    };
    const small = {
      ...report,
      inputs: { ...report.inputs, pin },
      sentence: `incompatible: ${hostile}`,
      cells: [named],
      hosts: [hostile],
      findings,
    };
    const path = join(work.path, 'hostile.html');
    await writeFile(path, htmlReport({ report: small, events: [], pages: [] }));
    const { page, complaints } = await open(path);
    assert.include(await page.locator('.findings').innerText(), hostile);
    assert.include(await page.locator('.matrix').innerText(), '</script>');
    assert.include(await page.locator('#pin').innerText(), `67.1 to 72.1 ${hostile}`);
    assert.include(await page.locator('.cause').innerText(), hostile);
    assert.equal(await page.title(), 'incompatible: Redoubt');
    assert.deepEqual(complaints, []);
  });
});
