import type { ExplainedField } from '../../harness/page/explain.ts';
import { keyNames } from '../../harness/page/field-values.ts';
import { keyTexts } from '../../harness/page/key/key-text.ts';
import type { KeyValue } from '../../harness/page/key/key-values.ts';
import { element } from './dom.ts';
import { shownText } from './shown-text.ts';

/**
 * What a key holds, by its columns where they are known, else the texts that it is made of: those with their code points, and
 * in which collation the index puts them. Undefined for other fields.
 */
export function keyValue(
  { name, bytes, key }: ExplainedField,
  collations: readonly string[],
): HTMLElement | undefined {
  if (key !== undefined) return element('div', { class: 'value' }, ...key.map((each) => columnValue(each)));
  if (collations.length === 0 || !keyNames.has(name.replace(/ .*$/, ''))) return undefined;
  const data = Buffer.alloc(bytes.length / 2);
  for (let at = 0; at < data.length; at++) data[at] = Number.parseInt(bytes.slice(2 * at, 2 * at + 2), 16);
  const texts = keyTexts(data);
  if (texts === undefined) return undefined;
  return element(
    'div',
    { class: 'value' },
    ...texts.map(shownText),
    element('p', { class: 'faint' }, `in ${collations.join(', ')}`),
  );
}

function columnValue({ column, type, collation, value, codePoints }: KeyValue): HTMLElement {
  const words = `${column} ${type}${collation === null ? '' : ` in ${collation}`}`;
  return element(
    'div',
    { class: 'column' },
    value === null
      ? element('em', {}, 'null')
      : codePoints === undefined
        ? element('span', { class: 'key' }, value)
        : shownText({ text: value, codePoints }),
    element('p', { class: 'faint' }, words),
  );
}
