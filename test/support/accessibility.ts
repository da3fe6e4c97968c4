import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe-core finds on a page that keeps people out: faults that it calls serious or critical, with where they are. */
export async function seriousFaults(page: Page): Promise<readonly string[]> {
  // By the debugger's way in: the page's own policy lets no other script run.
  await page.evaluate(readFileSync(axePath, 'utf8'));
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map(({ html }) => html.slice(0, 160))
          .slice(0, 3)
          .join(' | ')}`,
    );
}
