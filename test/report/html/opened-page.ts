import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';

import { complaintsOf, newPage } from '../../support/chromium.ts';

/** A page of Redoubt's in Chromium, ready to be read, and what it complained of. */
export interface OpenedPage {
  readonly page: Page;
  readonly complaints: readonly string[];
}

/** Opens a file as one does by hand; `address` is what stands behind its name. */
export async function openPage(
  browser: Browser,
  path: string,
  look: Parameters<Browser['newPage']>[0] = {},
  address = '',
): Promise<OpenedPage> {
  const page = await newPage(browser, look);
  const complaints = complaintsOf(page);
  await page.goto(`${pathToFileURL(path).href}${address}`);
  await page.waitForSelector('#view[data-ready]');
  return { page, complaints };
}
