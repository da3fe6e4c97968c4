import { generatedStrings } from '../../collation/generated-strings.ts';
import { readCanaries, readNames } from '../../collation/stored-strings.ts';
import { asciiStrings, letterPairs } from '../../collation/systematic-strings.ts';
import type { OrderChange } from './server-order.ts';
import type { CharacterChange } from '../../collation/character-changes.ts';

/** What is stored to prove a drift of order. */
export interface SortedStrings {
  readonly strings: readonly string[];
  /** How many of them change their place among the others. */
  readonly moved: number;
  /** The string at which tables are parted. */
  readonly pivot: string;
}

const mostStrings = 3000;
const mostMoved = 800;
/** Parts tables where something goes past it; otherwise something that moves does. */
const middleString = 'm';
const mostChanged = 120;
const calmLetters = 'aáÀbcÇdßeéfgğhiİıjkłmñoöøpqrsštuüvwxyzžαΣςбЖ';

/** Strings among which those are looked for that move: everyday ones, examples of the drift, small alphabets. */
export async function candidateStrings(examples: readonly string[]): Promise<readonly string[]> {
  const canaries = (await readCanaries()).flatMap(({ left, right }) => [left, right]);
  const known = [...examples, ...canaries].flatMap((text) => [text, `${text}a`, `a ${text}`, `${text} 1`]);
  const all = [...known, ...generatedStrings(), ...(await readNames()), ...letterPairs(), ...asciiStrings()];
  return [...new Set(all)].filter((text) => text !== '' && !text.includes('\0'));
}

/** Of the candidates those that move, as many as are wanted, and others in between, evenly. */
export function sortedStrings(
  candidates: readonly string[],
  { moved, crossing }: OrderChange,
): SortedStrings {
  const moving = evenly(
    candidates.filter((_, index) => moved.has(index)),
    mostMoved,
  );
  const calm = evenly(
    candidates.filter((_, index) => !moved.has(index)),
    mostStrings - moving.length,
  );
  const middle = candidates.indexOf(middleString);
  return {
    strings: [...moving, ...calm],
    moved: moving.length,
    pivot: middle < 0 || crossing(middle) > 0 ? middleString : (moving[0] ?? middleString),
  };
}

/** Words of the characters that changed, of what they become, and of letters that never change. */
export function casedStrings(changes: readonly CharacterChange[]): readonly string[] {
  const changed = new Map(changes.map((change) => [change.character, change]));
  const letters = evenly([...changed.values()], mostChanged).flatMap(({ character, what, from, to }) =>
    what === 'lower' || what === 'upper' ? [character, from, to] : [character],
  );
  const all = [...letters, ...Array.from(calmLetters)].flatMap((c) => [
    c,
    `${c}b`,
    `a${c}`,
    `a${c}b`,
    `nice ${c}t`,
    c + c,
  ]);
  return [...new Set(all)].filter((text) => text.isWellFormed());
}

function evenly<Value>(values: readonly Value[], wanted: number): readonly Value[] {
  if (values.length <= wanted) return values;
  return Array.from(
    { length: wanted },
    (_, index) => values[Math.floor((index * values.length) / wanted)] as Value,
  );
}
