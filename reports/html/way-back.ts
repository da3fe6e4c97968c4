import { element, link, type Child } from './dom.ts';

/** Where every view but the first leads back to, and what lies beside it. */
export function wayBack(...more: readonly Child[]): HTMLElement {
  return element(
    'nav',
    { class: 'back', 'aria-label': 'Way back' },
    link('#/', '← The whole report'),
    ...more,
  );
}

/** Links to what comes before and after the `number`th of so many like it. */
export function neighbours(
  number: number,
  total: number,
  { noun, to }: { readonly noun: string; readonly to: (number: number) => string },
): HTMLElement {
  const step = (target: number, words: string, name: string): Child =>
    target < 0 || target >= total
      ? element('span', { class: 'faint', 'aria-hidden': 'true' }, words)
      : link(to(target), words, { 'aria-label': `${name} ${noun}` });
  return element(
    'span',
    { class: 'neighbours' },
    step(number - 1, '‹', 'Previous'),
    ` ${noun} ${(number + 1).toLocaleString('en-US')} of ${total.toLocaleString('en-US')} `,
    step(number + 1, '›', 'Next'),
  );
}
