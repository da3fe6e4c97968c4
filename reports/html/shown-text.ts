import { element } from './dom.ts';

/** A text as it looks, and as it is: many that differ look the same, and some take no room. */
export function shownText({
  text,
  codePoints,
}: {
  readonly text: string;
  readonly codePoints: readonly string[];
}): HTMLElement {
  const shown = element('bdi', { class: 'key' });
  shown.textContent = text;
  return element(
    'div',
    {},
    shown,
    element('div', {}, element('code', { class: 'faint' }, codePoints.join(' '))),
  );
}
