import { CorpusBuilder } from '../collation/corpus.ts';
import { driftBetween } from '../collation/drift.ts';
import { encodedCorpus } from '../collation/encoded-corpus.ts';
import { encode } from '../collation/codeset.ts';
import type { CollationEnvironment } from '../collation/environment.ts';
import { exampleString } from '../collation/example-string.ts';
import type { DriftExample } from '../collation/examples.ts';
import type { KnownLocale, SharedLocale } from '../collation/locale-list.ts';
import { localesInBoth } from '../collation/locales-in-both.ts';
import { orderPairs, type PairTopic } from '../collation/pair-order.ts';
import { type LibraryProvider, Probe } from '../collation/probe.ts';
import { shrinkPair, type StringPair } from '../collation/shrink-pair.ts';
import { addToBoth, type Sides } from '../collation/sides.ts';
import { compareRanks, sweepGround } from '../collation/sweep.ts';
import { RedoubtError } from '../error.ts';
import type { Progress } from '../host/progress.ts';
import type { Reproduction } from './reproduction.ts';

export interface PairSearch {
  readonly from: CollationEnvironment;
  readonly to: CollationEnvironment;
  readonly provider: LibraryProvider;
  readonly locale: string;
  /** Among which a pair is looked for; undefined for those of a sweep. */
  readonly strings: readonly string[] | undefined;
  readonly progress: Progress;
}

/**
 * The smallest two strings that two environments order differently, or, where none are, that one of them takes for equal.
 * Undefined when there are none among those looked at. Throws `unknown-locale` (usage) and what probes throw.
 */
export async function findPair(search: PairSearch): Promise<Reproduction | undefined> {
  const { from, to, provider, locale, strings, progress } = search;
  const swept = strings === undefined ? await examplesOfSweep(search) : undefined;
  await using stack = new AsyncDisposableStack();
  const sides: Sides = {
    from: stack.use(await Probe.open(from, progress)),
    to: stack.use(await Probe.open(to, progress)),
  };
  const { locales } = await localesInBoth(sides, [provider], [locale]);
  const [shared] = locales[provider];
  if (shared === undefined) throw unknownLocale(search);
  const examples = swept ?? (await examplesAmong(sides, provider, shared, strings ?? []));
  const example = examples.find(({ kind }) => kind === 'smallest') ?? examples[0];
  if (example === undefined) return undefined;
  const topic: PairTopic = example.kind === 'equality' ? 'equality' : 'order';
  progress('shrinking', `"${example.left.text}" and "${example.right.text}"`);
  const ask = async (pairs: readonly StringPair[]): ReturnType<typeof orderPairs> =>
    orderPairs(sides, provider, shared, topic, pairs);
  const shrunk = await shrinkPair([example.left.text, example.right.text], async (pairs) =>
    (await ask(pairs)).map((order) => order !== undefined && order.from !== order.to),
  );
  const [left, right] = await inOrder(shrunk, ask);
  const [compared] = await ask([[left, right]]);
  if (compared === undefined) return undefined;
  return {
    schemaVersion: 1,
    provider,
    locale: shared.locale,
    encoding: shared.from.codeset?.serverEncoding ?? 'UTF8',
    topic,
    left: copyOf(left),
    right: copyOf(right),
    compared,
    warned: isWarned(shared),
    major: null,
    from: await sideOf(sides.from, shared.from),
    to: await sideOf(sides.to, shared.to),
  };
}

async function examplesOfSweep({
  from,
  to,
  provider,
  locale,
  progress,
}: PairSearch): Promise<readonly DriftExample[]> {
  const options = { from, to, providers: [provider], locales: [locale], quick: false, progress };
  const { locales } = await driftBetween(options);
  return locales[0]?.examples ?? [];
}

async function examplesAmong(
  sides: Sides,
  provider: LibraryProvider,
  { from, to }: SharedLocale,
  strings: readonly string[],
): Promise<readonly DriftExample[]> {
  const { codeset } = from;
  const corpus = new CorpusBuilder((text) => codeset === undefined || encode(codeset, text) !== undefined)
    .addStrings('given', 'everyday', new Set(strings))
    .build();
  const number = await addToBoth(sides, encodedCorpus(corpus, codeset));
  const [before, after, bytes] = await Promise.all([
    sides.from.ranks(provider, from.name, number),
    sides.to.ranks(provider, to.name, number),
    sides.from.ranks('libc', 'C', number),
  ]);
  if (!(before instanceof Uint32Array) || !(after instanceof Uint32Array) || !(bytes instanceof Uint32Array))
    return [];
  const nothing = new Uint8Array(0);
  return compareRanks(sweepGround(corpus, bytes, nothing, nothing), before, after).examples;
}

/** The left string comes first in FROM; of equal ones the one with the lower bytes. */
async function inOrder(
  [left, right]: StringPair,
  ask: (pairs: readonly StringPair[]) => ReturnType<typeof orderPairs>,
): Promise<StringPair> {
  const [order] = await ask([[left, right]]);
  return order?.from === '>' ? [right, left] : [left, right];
}

async function sideOf(probe: Probe, { collversion }: KnownLocale): Promise<Reproduction['from']> {
  return {
    name: probe.environment.name,
    libc: await probe.libcVersion(),
    icu: await icuVersion(probe),
    collversion,
    server: null,
  };
}

async function icuVersion(probe: Probe): Promise<string | null> {
  const answer = await probe.icuVersion();
  return answer.kind === 'answered' ? (answer.body.toString('utf8').split('\t')[0] ?? null) : null;
}

function isWarned({ from, to }: SharedLocale): boolean {
  return from.collversion !== null && to.collversion !== null && from.collversion !== to.collversion;
}

function copyOf(text: string): Reproduction['left'] {
  const { codePoints } = exampleString(text);
  return { text, codePoints: [...codePoints] };
}

function unknownLocale({ from, to, provider, locale }: PairSearch): RedoubtError {
  return new RedoubtError(
    'usage',
    'unknown-locale',
    `${from.name} and ${to.name} do not both have a locale ${locale} (${provider})`,
    { remedy: 'See what `redoubt drift` lists.', details: { locale, from: from.name, to: to.name } },
  );
}
