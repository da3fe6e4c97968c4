import type { Client } from 'pg';

import { codePointName } from './code-point-set.ts';

/** What a server makes of single characters under one collation. */
export interface CharacterMap {
  readonly lower: ReadonlyMap<number, string>;
  readonly upper: ReadonlyMap<number, string>;
  /** A character of code 48 + bits for each code point asked: alphabetic, digit, space, punctuation. */
  readonly classes: string;
}

/** How a character is seen on the two sides. */
export interface CharacterChange {
  readonly codePoint: string;
  readonly character: string;
  /** `lower`, `upper`, or the class that it gets or loses. */
  readonly what: CharacterProperty;
  readonly from: string;
  readonly to: string;
}

export type CharacterProperty = (typeof characterProperties)[number];

export const characterProperties = ['lower', 'upper', 'alpha', 'digit', 'space', 'punct'] as const;

/** Beyond the second plane there are ideographs alone, without case and all of one class. */
const lastCodePoint = 0x1ffff;

const classNames = ['alpha', 'digit', 'space', 'punct'] as const;

const asked = `generate_series(1, ${String(lastCodePoint)}) AS g (code) WHERE code NOT BETWEEN 55296 AND 57343`;

/** Asks a server about every character of the first two planes. */
export async function readCharacters(client: Client, collation: string): Promise<CharacterMap> {
  const character = `chr(code) COLLATE ${collation}`;
  const bits = classNames.map(
    (name, position) => `(${character} ~ '[[:${name}:]]')::int * ${String(2 ** position)}`,
  );
  const cases = await client.query<{ readonly code: number; readonly lower: string; readonly upper: string }>(
    `SELECT code, lower(${character}) AS lower, upper(${character}) AS upper FROM ${asked}
       AND (lower(${character}) <> ${character} OR upper(${character}) <> ${character})`,
  );
  const classes = await client.query<{ readonly classes: string }>(
    `SELECT string_agg(chr(48 + ${bits.join(' + ')}), '' ORDER BY code) AS classes FROM ${asked}`,
  );
  return {
    lower: new Map(cases.rows.map(({ code, lower }) => [code, lower])),
    upper: new Map(cases.rows.map(({ code, upper }) => [code, upper])),
    classes: classes.rows[0]?.classes ?? '',
  };
}

/** The characters that two servers see differently, by what, then by code point. */
export function characterChanges(from: CharacterMap, to: CharacterMap): readonly CharacterChange[] {
  const codePoints = Array.from({ length: lastCodePoint }, (_, index) => index + 1).filter(
    (code) => code < 0xd800 || code > 0xdfff,
  );
  const changes: CharacterChange[] = [];
  const compare = (what: CharacterProperty, code: number, before: string, after: string): void => {
    if (before === after) return;
    const character = String.fromCodePoint(code);
    changes.push({ codePoint: codePointName(code), character, what, from: before, to: after });
  };
  for (const what of ['lower', 'upper'] as const)
    for (const code of codePoints) {
      const itself = String.fromCodePoint(code);
      compare(what, code, from[what].get(code) ?? itself, to[what].get(code) ?? itself);
    }
  classNames.forEach((what, position) => {
    codePoints.forEach((code, index) => {
      const has = ({ classes }: CharacterMap): string =>
        ((classes.charCodeAt(index) - 48) >> position) & 1 ? 'yes' : 'no';
      compare(what, code, has(from), has(to));
    });
  });
  return changes;
}

/** How many characters have another case, or get or lose each class. */
export function countCharacterChanges(
  changes: readonly CharacterChange[],
): Readonly<Record<CharacterProperty, number>> {
  const count = (wanted: CharacterProperty): number => changes.filter(({ what }) => what === wanted).length;
  return {
    lower: count('lower'),
    upper: count('upper'),
    alpha: count('alpha'),
    digit: count('digit'),
    space: count('space'),
    punct: count('punct'),
  };
}
