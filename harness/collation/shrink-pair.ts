import { costOfText } from './string-cost.ts';

/** Two strings. */
export type StringPair = readonly [left: string, right: string];

/** Says of each pair whether it still shows what is to be shown. */
export type StillFails = (pairs: readonly StringPair[]) => Promise<readonly boolean[]>;

/** What any character may be made of for the sake of readers. */
const plainCharacters = ['a', 'b', 'A', '0', ' '];

/** Of strings longer than this one only one is made shorter at a time. */
const mostTogether = 24;

/**
 * Makes two strings as short and plain as they can be while they still fail: by leaving out parts of one or both, and by
 * putting plain characters in the place of others. Which one is asked first does not matter: the plainest is taken.
 */
export async function shrinkPair(pair: StringPair, stillFails: StillFails): Promise<StringPair> {
  let best = pair;
  for (;;) {
    const candidates = simpler(best);
    const fails = await stillFails(candidates);
    const next = candidates.find((_, index) => fails[index] === true);
    if (next === undefined) return best;
    best = next;
  }
}

/** Pairs that cost less, the cheapest first. */
function simpler([left, right]: StringPair): readonly StringPair[] {
  const [lefts, rights] = [variants(left), variants(right)];
  const isShort = Math.max(Array.from(left).length, Array.from(right).length) <= mostTogether;
  const cost = costOf([left, right]);
  const pairs: StringPair[] = [
    ...lefts.map((each): StringPair => [each, right]),
    ...rights.map((each): StringPair => [left, each]),
    ...(isShort
      ? lefts.flatMap((one) => rights.map((other): StringPair => [one, other]))
      : sharedCuts(left, right)),
  ];
  const unique = new Map(pairs.map((pair) => [JSON.stringify(pair), pair]));
  return [...unique.values()]
    .map((pair) => ({ pair, cost: costOf(pair) }))
    .filter((each) => each.cost < cost)
    .toSorted((one, other) => one.cost - other.cost)
    .map(({ pair }) => pair);
}

function variants(text: string): readonly string[] {
  const characters = Array.from(text);
  return [...cuts(characters), ...replacements(characters)];
}

/** The text without a part of it: halves, quarters, single characters. An empty string shows nothing. */
function cuts(characters: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (
    let length = Math.ceil(characters.length / 2);
    length >= 1;
    length = length === 1 ? 0 : Math.ceil(length / 2)
  )
    for (let at = 0; at < characters.length; at += length) {
      const rest = [...characters.slice(0, at), ...characters.slice(at + length)];
      if (rest.length > 0) found.push(rest.join(''));
    }
  return found;
}

function replacements(characters: readonly string[]): readonly string[] {
  return characters.flatMap((_, at) =>
    plainCharacters.map((plain) => [...characters.slice(0, at), plain, ...characters.slice(at + 1)].join('')),
  );
}

/** What both begin with, and what both end with, left out of both. */
function sharedCuts(left: string, right: string): readonly StringPair[] {
  const [one, other] = [Array.from(left), Array.from(right)];
  const differs = (step: number): boolean => one.at(step) !== other.at(step);
  const shortest = Math.min(one.length, other.length) - 1;
  let begin = 0;
  while (begin < shortest && !differs(begin)) begin += 1;
  let end = 0;
  while (end < shortest - begin && !differs(-1 - end)) end += 1;
  return [
    [cut(one, begin, end), cut(other, begin, end)],
    [cut(one, begin, 0), cut(other, begin, 0)],
    [cut(one, 0, end), cut(other, 0, end)],
  ];
}

function cut(characters: readonly string[], from: number, until: number): string {
  return characters.slice(from, characters.length - until).join('');
}

function costOf([left, right]: StringPair): number {
  return costOfText(left) + costOfText(right);
}
