import { isDeepStrictEqual } from 'node:util';

/** The first place at which two values of the same shape part, in words; undefined when they are equal. */
export function firstDifference(
  left: unknown,
  right: unknown,
  leftWord: string,
  rightWord: string,
): string | undefined {
  return differenceAt('', left, right, leftWord, rightWord);
}

function differenceAt(
  path: string,
  left: unknown,
  right: unknown,
  leftWord: string,
  rightWord: string,
): string | undefined {
  if (isDeepStrictEqual(left, right)) return undefined;
  if (isBranch(left) && isBranch(right)) {
    const [one, other] = [new Map(Object.entries(left)), new Map(Object.entries(right))];
    for (const key of new Set([...one.keys(), ...other.keys()])) {
      const place = path === '' ? key : `${path}.${key}`;
      const found = differenceAt(place, one.get(key), other.get(key), leftWord, rightWord);
      if (found !== undefined) return found;
    }
  }
  return `${path === '' ? 'it' : path} is ${words(left)} ${leftWord}, ${words(right)} ${rightWord}`;
}

function isBranch(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function words(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'none';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
