import { element } from './dom.ts';

/** Numbers with their names beneath one another, in a row. */
export function tally(numbers: readonly (readonly [name: string, value: string])[]): HTMLElement {
  return element(
    'dl',
    { class: 'tally' },
    ...numbers.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  );
}
