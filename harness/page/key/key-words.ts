import { keyTextWords } from './key-text.ts';
import type { KeyValue } from './key-values.ts';

/** A key as people read it, column by column: `id 7`, `word "Zoë" U+005A U+006F U+00EB`, `note null`; of one column without its name. */
export function keyValueWords(key: readonly KeyValue[]): readonly string[] {
  return key.map(({ column, value, codePoints }) => {
    const words =
      value === null || codePoints === undefined
        ? (value ?? 'null')
        : keyTextWords([{ text: value, codePoints }]);
    return key.length === 1 ? words : `${column} ${words}`;
  });
}
