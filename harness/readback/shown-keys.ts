import { codePointName } from '../collation/code-point-set.ts';

/** How many keys a finding shows. */
export const shownCount = 3;
const mostCharacters = 40;

/** A key as people can see it and be sure of it: `"😀 web" (U+1F600)`; ASCII speaks for itself. */
export function shownKey(key: string | null): string {
  if (key === null) return 'NULL';
  const characters = Array.from(key).slice(0, mostCharacters);
  const text = characters.join('');
  const names = [...new Set(characters)]
    .map((character) => character.codePointAt(0) ?? 0)
    .filter((codePoint) => codePoint < 0x20 || codePoint > 0x7e)
    .map(codePointName);
  const shown = isDisplayable(text) ? `"${text}${text.length < key.length ? '...' : ''}"` : '';
  return [shown, names.length === 0 ? '' : `(${names.join(' ')})`].filter((part) => part !== '').join(' ');
}

/** Control characters and lone marks would spoil the line. */
function isDisplayable(text: string): boolean {
  return !/[\p{C}\p{Zl}\p{Zp}]|^\p{M}/u.test(text) || /\p{Extended_Pictographic}/u.test(text);
}

/** Some keys, one after the other. */
export function shownKeys(keys: readonly (string | null)[]): string {
  return keys.slice(0, shownCount).map(shownKey).join(', ');
}

/** `3,411 rows`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** Puts keys that are shown in order, those of ASCII and the short ones first: what happens to them says most. */
export function plainestFirst(key: string): string {
  return `(octet_length(${key}) - length(${key}))::float8 / greatest(length(${key}), 1), length(${key})`;
}
