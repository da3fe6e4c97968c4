import { type Browser, chromium, type Page } from 'playwright-core';

import { ensureTools, findProgram } from '../../harness/host/machine/prerequisites.ts';
import { silent } from '../../harness/host/progress.ts';

/** Debian's Chromium, installed where it is missing. */
export async function openBrowser(): Promise<Browser> {
  const tool = { program: 'chromium', package: 'chromium' };
  await ensureTools(silent, [tool]);
  // As root it can have no sandbox; it opens nothing but files of ours.
  const options = { args: ['--no-sandbox'] };
  const executablePath = await findProgram(tool.program);
  return chromium.launch(executablePath === undefined ? options : { ...options, executablePath });
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
