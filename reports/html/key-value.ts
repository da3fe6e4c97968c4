import type { ExplainedField } from '../../harness/page/explain.ts';
import { keyNames } from '../../harness/page/field-values.ts';
import { keyTexts } from '../../harness/page/key-text.ts';
import { element } from './dom.ts';
import { shownText } from './shown-text.ts';

/** The texts of a key with their code points and in which collations the index puts them; undefined for other fields. */
export function keyValue(
  { name, bytes }: ExplainedField,
  collations: readonly string[],
): HTMLElement | undefined {
  if (collations.length === 0 || !keyNames.has(name.replace(/ .*$/, ''))) return undefined;
  const key = Buffer.alloc(bytes.length / 2);
  for (let at = 0; at < key.length; at++) key[at] = Number.parseInt(bytes.slice(2 * at, 2 * at + 2), 16);
  const texts = keyTexts(key);
  if (texts === undefined) return undefined;
  return element(
    'div',
    { class: 'value' },
    ...texts.map(shownText),
    element('p', { class: 'faint' }, `in ${collations.join(', ')}`),
  );
}
