import { type Codeset, encode } from './codeset.ts';
import { CorpusBuilder } from './corpus.ts';
import { encodedCorpus } from './encoded-corpus.ts';
import { exampleString } from './example-string.ts';
import type { DriftExample } from './examples.ts';
import type { SharedLocale } from './locale-list.ts';
import type { LibraryProvider } from './probe.ts';
import { addToBoth, type Sides } from './sides.ts';
import { type Canary, readCanaries } from './stored-strings.ts';

/** The canaries, known to the probes of both sides: strings two by two. */
export interface OpenCanaries {
  readonly pairs: readonly Canary[];
  /** The number by which both probes take it. */
  readonly corpus: number;
}

/** Makes the canaries that can be written in an encoding (UTF-8 if none is given) known to both sides. */
export async function openCanaries(sides: Sides, codeset: Codeset | undefined): Promise<OpenCanaries> {
  const isWritable = (text: string): boolean => codeset === undefined || encode(codeset, text) !== undefined;
  const pairs = (await readCanaries()).filter(({ left, right }) => isWritable(left) && isWritable(right));
  const corpus = new CorpusBuilder()
    .addStrings(
      'canaries',
      'systematic',
      pairs.flatMap(({ left, right }) => [left, right]),
    )
    .build();
  return { pairs, corpus: await addToBoth(sides, encodedCorpus(corpus, codeset)) };
}

/** The canaries that change places in a locale. */
export async function canaryFlips(
  sides: Sides,
  { pairs, corpus }: OpenCanaries,
  provider: LibraryProvider,
  locale: SharedLocale,
): Promise<readonly DriftExample[]> {
  const [from, to] = await Promise.all([
    sides.from.ranks(provider, locale.from.name, corpus),
    sides.to.ranks(provider, locale.to.name, corpus),
  ]);
  if (!(from instanceof Uint32Array) || !(to instanceof Uint32Array)) return [];
  return pairs.flatMap((canary, number) => {
    const before = comparison(from, number, canary);
    if (before === comparison(to, number, canary)) return [];
    const [left, right] = before === '<' ? [canary.left, canary.right] : [canary.right, canary.left];
    return [{ kind: 'smallest', left: exampleString(left), right: exampleString(right), from: '<', to: '>' }];
  });
}

/** How a pair compares, by bytes where the library calls it equal. */
export function comparison(ranks: Uint32Array, number: number, { left, right }: Canary): '<' | '>' {
  const difference = (ranks[2 * number] ?? 0) - (ranks[2 * number + 1] ?? 0);
  return (difference || Buffer.compare(Buffer.from(left), Buffer.from(right))) < 0 ? '<' : '>';
}
