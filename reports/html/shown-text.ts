import { element } from './dom.ts';

/** A text as it looks, and as it is: many that differ look the same, and some take no room. */
export function shownText({
  text,
  codePoints,
}: {
  readonly text: string;
  readonly codePoints: readonly string[];
}): HTMLElement {
  return element(
    'div',
    {},
    element('bdi', { class: 'key' }, text),
    element('div', {}, element('code', { class: 'faint' }, codePoints.join(' '))),
  );
}
