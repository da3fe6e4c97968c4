import type { Matrix } from '../../harness/report/html/html-data.ts';
import { element } from './dom.ts';

/** How many of a cell's checks failed, of how many. */
type Failed = readonly [failed: number, checks: number];

/** The more of a cell's checks failed, the darker it is: from a quarter, and from three quarters on. */
export function heatClass([failed, checks]: Failed): string {
  if (failed / checks >= 3 / 4) return 'failed most';
  return failed / checks >= 1 / 4 ? 'failed more' : 'failed';
}

/** What the colours of the heat map mean; only those that are there. */
export function matrixLegend({ marks, failed }: Matrix): HTMLElement {
  const heats = new Set(Object.values(failed).map(heatClass));
  const kinds: readonly (readonly [kind: string, isThere: boolean, words: string])[] = [
    ['passed', marks.includes('p'), 'compatible'],
    ['failed', heats.has('failed'), 'incompatible: less than a quarter of its checks failed'],
    ['failed more', heats.has('failed more'), 'incompatible: a quarter or more'],
    ['failed most', heats.has('failed most'), 'incompatible: three quarters or more'],
    ['open', marks.includes('n'), 'not judged'],
  ];
  return element(
    'ul',
    { class: 'legend' },
    ...kinds.flatMap(([kind, isThere, words]) =>
      isThere ? [element('li', {}, element('span', { class: `swatch ${kind}` }), words)] : [],
    ),
  );
}
