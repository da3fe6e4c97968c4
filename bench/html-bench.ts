import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { htmlReport } from '../harness/report/html/html-report.ts';
import { hugeReport, hugeRun } from '../test/report/html/huge-report.ts';
import { openBrowser } from '../test/support/chromium.ts';
import { type Measurement, megabytes } from './measurement.ts';

const rounds = 5;
const mostBytes = 5e6;
const mostPaintMs = 1000;

/** The HTML report of 10,000 cells and 1,000 findings: how large it is, and how soon Chromium paints it. */
export async function measureHtml(scratch: string): Promise<readonly Measurement[]> {
  const html = htmlReport({ report: hugeReport(), events: hugeRun(), pages: [] });
  const path = join(scratch, 'huge.html');
  await writeFile(path, html);
  const bytes = Buffer.byteLength(html);
  const paintMs = await firstPaintMs(path);
  return [
    {
      name: 'HTML report of 10,000 cells and 1,000 findings: size',
      ours: megabytes(bytes),
      peer: '',
      ratio: undefined,
      target: { words: 'below 5 MB', isMet: bytes < mostBytes, required: true },
    },
    {
      name: 'the same: first contentful paint in Chromium',
      ours: `${paintMs.toFixed(0)} ms`,
      peer: '',
      ratio: undefined,
      target: { words: 'below a second', isMet: paintMs < mostPaintMs, required: true },
    },
  ];
}

/** The median over some rounds, each in a window of its own. */
async function firstPaintMs(path: string): Promise<number> {
  const browser = await openBrowser();
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(path).href);
    await page.waitForSelector('#view[data-ready]');
    times.push(
      Number(await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")),
    );
    await page.close();
  }
  await browser.close();
  return times.toSorted((left, right) => left - right)[Math.floor(rounds / 2)] ?? 0;
}
