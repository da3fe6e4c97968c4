import { printable } from '../../harness/report/printable.ts';
import { copyButton } from './copy-button.ts';
import { element } from './dom.ts';

/** Commands for a shell, a line each, with a button that copies them; `what` says what they do. */
export function commandBlock(what: string, lines: readonly string[]): HTMLElement {
  const shown = element('pre', { tabindex: 0 });
  shown.textContent = lines.map(printable).join('\n');
  return element(
    'figure',
    { class: 'command' },
    element('figcaption', {}, what),
    shown,
    copyButton(lines.join('\n'), what, shown),
  );
}

/** A word as a shell reads it: one word, whatever it holds. */
export function shellWord(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
