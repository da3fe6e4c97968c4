import { type Browser, chromium, type Page } from 'playwright-core';

import { ensureTools, findProgram } from '../../harness/host/machine/prerequisites.ts';
import { silent } from '../../harness/host/progress.ts';

/** Playwright gives up after half a minute, which a loaded machine can reach; the tests' own time limit ends a wait in vain. */
const unlimited = 0;

/** Debian's Chromium, installed where it is missing. */
export async function openBrowser(): Promise<Browser> {
  const tool = { program: 'chromium', package: 'chromium' };
  await ensureTools(silent, [tool]);
  // As root it can have no sandbox; it opens nothing but files of ours.
  const options = { args: ['--no-sandbox'], timeout: unlimited };
  const executablePath = await findProgram(tool.program);
  return chromium.launch(executablePath === undefined ? options : { ...options, executablePath });
}

/** A new page, in a context of its own. */
export async function newPage(browser: Browser, look: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
  const page = await browser.newPage(look);
  page.setDefaultTimeout(unlimited);
  return page;
}

/** What a page complained of: errors of its scripts, of its policy, and what it tried to load. */
export function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!/^(file|data|blob):/.test(request.url())) complaints.push(`asks for ${request.url()}`);
  });
  return complaints;
}
