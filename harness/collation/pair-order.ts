import { encode } from './codeset.ts';
import { CorpusBuilder } from './corpus.ts';
import { encodedCorpus } from './encoded-corpus.ts';
import type { SharedLocale } from './locale-list.ts';
import type { LibraryProvider } from './probe.ts';
import type { StringPair } from './shrink-pair.ts';
import { addToBoth, type Sides } from './sides.ts';
import { requiredRanks } from './required-ranks.ts';

export type Comparison = '<' | '=' | '>';

/** How the left string of a pair compares with the right one, on either side. */
export interface PairOrder {
  readonly from: Comparison;
  readonly to: Comparison;
}

/** What is to be kept while strings change: their order, which bytes settle among equals, or that one side calls them equal. */
export type PairTopic = 'order' | 'equality';

/**
 * Asks both sides how the strings of each pair compare. Pairs that the locale's encoding cannot write are undefined.
 * Throws `locale-refused` (infrastructure).
 */
export async function orderPairs(
  sides: Sides,
  provider: LibraryProvider,
  locale: SharedLocale,
  topic: PairTopic,
  pairs: readonly StringPair[],
): Promise<readonly (PairOrder | undefined)[]> {
  const { codeset } = locale.from;
  const isWritable = (text: string): boolean =>
    text !== '' && !text.includes('\0') && (codeset === undefined || encode(codeset, text) !== undefined);
  const asked = pairs.flatMap((pair, index) => (pair.every(isWritable) ? [{ pair, index }] : []));
  const answers = pairs.map((): PairOrder | undefined => undefined);
  if (asked.length === 0) return answers;
  const corpus = new CorpusBuilder()
    .addStrings(
      'pairs',
      'systematic',
      asked.flatMap(({ pair }) => pair),
    )
    .build();
  const number = await addToBoth(sides, encodedCorpus(corpus, codeset));
  const [from, to, bytes] = await Promise.all([
    requiredRanks(sides.from, provider, locale.from.name, number),
    requiredRanks(sides.to, provider, locale.to.name, number),
    requiredRanks(sides.from, 'libc', 'C', number),
  ]);
  asked.forEach(({ index }, place) => {
    const compare = (ranked: Uint32Array): Comparison => {
      const difference = (ranked[2 * place] ?? 0) - (ranked[2 * place + 1] ?? 0);
      if (difference !== 0) return difference < 0 ? '<' : '>';
      return topic === 'equality' || ranked === bytes ? '=' : compare(bytes);
    };
    answers[index] = { from: compare(from), to: compare(to) };
  });
  return answers;
}
