import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from '@japa/runner';
import type { Browser, Page } from 'playwright-core';

import { temporaryDirectory, type TemporaryDirectory } from '../../../harness/host/run-directory.ts';
import { htmlReport } from '../../../harness/report/html/html-report.ts';
import { deriveReport } from '../../../harness/report/report.ts';
import type { TimedEvent } from '../../../harness/verdict/event.ts';
import { seriousFaults } from '../../support/accessibility.ts';
import { newPage, openBrowser } from '../../support/chromium.ts';
import { timed } from '../../verdict/run-events.ts';
import { fullRun } from '../support/full-run.ts';
import { hostileNames, hostileRun } from '../support/hostile-run.ts';
import { hugeRun } from './huge-report.ts';
import { openPage } from './opened-page.ts';

/* How readers find their way in a report: addresses, going back, filters, copying, paper. */

const scrolled = async (page: Page): Promise<number> => Number(await page.evaluate('scrollY'));
const topOf = async (page: Page, selector: string): Promise<number> =>
  (await page.locator(selector).boundingBox())?.y ?? Infinity;
/** Until all of an address is shown, and the reader has been taken to their place in it. */
const shown = async (page: Page, address: string): Promise<void> => {
  await page.waitForSelector(`#view[data-shown="${address}"]`);
};

test.group('finding one’s way in an HTML report', (group) => {
  let work: TemporaryDirectory;
  let browser: Browser;
  let huge: string;

  group.setup(async () => {
    work = await temporaryDirectory('tests of ways through HTML reports');
    browser = await openBrowser();
    huge = await made('huge', hugeRun());
    return async () => {
      await browser.close();
      await work[Symbol.asyncDispose]();
    };
  });

  async function made(name: string, events: readonly TimedEvent[]): Promise<string> {
    const path = join(work.path, `${name}.html`);
    await writeFile(path, htmlReport({ report: deriveReport(events), events, pages: [] }));
    return path;
  }

  test('what is looked for stands in the address: it survives loading again and going back', async ({
    assert,
  }) => {
    const { page, complaints } = await openPage(browser, huge);
    await page.selectOption('#finding-suite', 'readback');
    await page.selectOption('#finding-host', 'distro-10:10');
    await page.fill('#finding-words', 'TABLE_');
    const names = async (): Promise<readonly string[]> => page.locator('.findings .where').allInnerTexts();
    const wanted = await names();
    assert.lengthOf(wanted, 5, 'one for each major');
    for (const each of wanted) assert.match(each, /distro-10:10\/readback/);
    assert.match(page.url(), /#\/\?words=TABLE_&suite=readback&host=distro-10%3A10$/);

    await page.reload();
    await page.locator('.findings li').first().waitFor();
    assert.deepEqual(await names(), wanted);
    assert.equal(await page.inputValue('#finding-words'), 'TABLE_');

    await page.locator('.findings a').nth(2).click();
    await page.waitForSelector('.finding');
    assert.match(await page.title(), /^page-content · incompatible/);
    await page.reload();
    await page.waitForSelector('.finding');
    assert.match(await page.locator('.finding .where').innerText(), /distro-10:10\/readback/);
    await page.goBack();
    await page.waitForSelector('.overview');
    await page.locator('.findings li').first().waitFor();
    assert.deepEqual(await names(), wanted);
    assert.deepEqual(complaints, []);
  });

  test('going back leads to the place that was left, and a link to a section leads there when it is opened', async ({
    assert,
  }) => {
    const { page, complaints } = await openPage(browser, huge);
    await page.locator('.findings li').nth(20).scrollIntoViewIfNeeded();
    const place = await topOf(page, '.findings li:nth-child(21)');
    await page.locator('.findings li:nth-child(21) a').click();
    await shown(page, '#/finding/20');
    assert.equal(await scrolled(page), 0);
    await page.getByRole('link', { name: 'Next finding' }).click();
    await shown(page, '#/finding/21');
    assert.match(await page.locator('.neighbours').innerText(), /finding 22 of 1,000/);
    await page.goBack();
    await shown(page, '#/finding/20');
    await page.goBack();
    await shown(page, '');
    assert.approximately(await topOf(page, '.findings li:nth-child(21)'), place, 2);

    await page.locator('.sections a[href="#findings"]').click();
    assert.isBelow(await topOf(page, '#findings'), 100);
    await page.reload();
    await shown(page, '#findings');
    assert.isBelow(await topOf(page, '#findings'), 100);
    assert.isTrue(await page.locator('.facts').isVisible(), 'it is the first view');

    const direct = await openPage(browser, huge, {}, '#findings');
    await shown(direct.page, '#findings');
    assert.approximately(await topOf(direct.page, '#findings'), 50, 50);
    const card = direct.page.locator('.suspect .count');
    assert.match(await card.innerText(), /1,000 findings/);
    await card.click();
    await shown(direct.page, '#/?code=page-content');
    assert.approximately(await topOf(direct.page, '#findings'), 50, 50);
    assert.deepEqual([...complaints, ...direct.complaints], []);
  });

  test('an address that leads nowhere says so, or leads to the whole report', async ({ assert }) => {
    const path = await made('nowhere', timed(...fullRun()));
    for (const broken of ['#/finding/99999', '#/cell/none', '#/page/%E0%A4%A', '#/nowhere/1']) {
      const { page: lost, complaints: ofLost } = await openPage(browser, path, {}, broken);
      assert.isAbove((await lost.locator('#view').innerText()).length, 20, broken);
      assert.isAbove(await lost.locator('a[href="#/"]').count(), 0, broken);
      assert.equal(await lost.locator('#view .back').count(), broken.includes('nowhere') ? 0 : 1, broken);
      assert.deepEqual(ofLost, []);
    }
  });

  test('a cell tells what was planned, run, compared and found, in what, and how the others fared', async ({
    assert,
  }) => {
    const { page, complaints } = await openPage(browser, await made('full', timed(...fullRun())));
    await page.locator('.matrix .failed a').click();
    await page.waitForSelector('.cell');
    assert.match(
      await page.locator('.tally').innerText(),
      /checks planned\s+2\s+run\s+2\s+pages held against recovery\s+150\s+records\s+1,500\s+differences\s+3\s+found\s+1/,
    );
    assert.match(await page.locator('.cell > .pairs').innerText(), /glibc 2\.31, engine chroot/);
    assert.match(await page.locator('.kin').innerText(), /✓ debian:12/);
    assert.equal(await page.locator('.check').first().getAttribute('open'), '');
    assert.match(await page.locator('.check').first().innerText(), /one is kept/);
    await page.locator('.check.passed summary').click();
    assert.isTrue(await page.locator('.check.passed .command').isVisible());
    assert.deepEqual(await seriousFaults(page), []);
    assert.deepEqual(complaints, []);
  });

  test('commands are copied; where a page has no clipboard they are selected', async ({ assert }) => {
    const page = await newPage(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.goto(`file://${await made('commands', timed(...fullRun()))}#/finding/0`);
    await page.locator('.copy').first().click();
    await page.getByText('Copied', { exact: true }).first().waitFor();
    const command = "--grep '^pg15/debian:11/contract/one$'";
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), command);
    await page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'))");
    await page.locator('.copy').first().click();
    await page.getByText('Press Ctrl-C', { exact: true }).first().waitFor();
    assert.equal(await page.evaluate('getSelection().toString()'), command);
    await page.close();
  });

  test('a run that was cut off says what it did not judge, and shows only the first of many rows', async ({
    assert,
  }) => {
    const { page, complaints } = await openPage(browser, await made('cut', hugeRun().slice(0, 3000)));
    assert.match(await page.locator('h1').innerText(), /not judged/);
    assert.match(await page.locator('.cause').innerText(), /incomplete: the run was cut off after/);
    assert.match(await page.locator('#open').innerText(), /58,\d{3} checks: /);
    assert.equal(await page.locator('.matrix tbody tr').count(), 60);
    await page.getByRole('button', { name: 'Show all 400 rows' }).click();
    assert.equal(await page.locator('.matrix tbody tr').count(), 400);
    assert.isAbove(await page.locator('.times .bar').count(), 10);
    const { page: empty } = await openPage(browser, await made('empty', hugeRun().slice(0, 1)));
    assert.match(await empty.locator('.cause').innerText(), /before anything was planned/);
    assert.match(await empty.locator('#inputs').innerText(), /ended before it had opened a bundle/);
    assert.deepEqual(complaints, []);
  });

  test('names that turn the writing or hide are shown for what they are, and the longest fit a phone', async ({
    assert,
  }) => {
    const look = { viewport: { width: 390, height: 844 } };
    const { page, complaints } = await openPage(browser, await made('hostile', timed(...hostileRun())), look);
    await page.waitForSelector('#times');
    const text = await page.evaluate('document.body.innerText').then(String);
    for (const name of ['ansi', 'direction']) assert.notInclude(text, hostileNames[name] ?? '', name);
    assert.notMatch(text, /[\u202A-\u202E\u2066-\u2069]/);
    assert.include(text, String.raw`\u202eelbitapmoc`);
    assert.isAtMost(Number(await page.evaluate('document.documentElement.scrollWidth')), 390);

    const long = 'a-host-with-a-name-that-never-ends'.repeat(20);
    const renamed = JSON.parse(
      JSON.stringify(timed(...fullRun())).replaceAll('debian:11', long),
    ) as readonly TimedEvent[];
    for (const [name, address] of Object.entries({ first: '', cell: '#/cell/0', finding: '#/finding/0' })) {
      const opened = await openPage(browser, await made('long', renamed), look, address);
      await opened.page.waitForSelector(address === '' ? '#times' : `.${name}`);
      const width = await opened.page.evaluate('document.documentElement.scrollWidth');
      assert.isAtMost(Number(width), 390, name);
      assert.deepEqual(opened.complaints, []);
    }
    assert.deepEqual(complaints, []);
  });

  test('on paper everything is open, and what only a screen can use is left out', async ({ assert }) => {
    const path = await made('paper', timed(...fullRun()));
    const { page } = await openPage(browser, path, { colorScheme: 'dark' });
    await page.waitForSelector('#times');
    const ink = 'getComputedStyle(document.body).color';
    assert.equal(await page.evaluate(ink), 'rgb(228, 228, 224)');
    await page.emulateMedia({ media: 'print' });
    assert.isFalse(await page.locator('.sections').isVisible());
    assert.equal(await page.evaluate(ink), 'rgb(34, 37, 43)', 'paper is light, ink is dark');
    const pdf = await page.pdf({ format: 'A4' });
    assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
    assert.equal(await page.locator('details:not([open])').count(), 0);
  });
});
