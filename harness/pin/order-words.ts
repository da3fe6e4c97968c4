import { exampleString } from '../collation/example-string.ts';
import type { DriftExample } from '../collation/examples.ts';
import type { LocaleDrift } from '../collation/locale-drift.ts';
import type { Canary } from '../collation/stored-strings.ts';
import type { PinnedOrder } from './bundle-lock.ts';

/** By what it is told whether order changes between the pinned bundle and the candidate. */
export type OrderEvidence =
  /** Both bundles were at hand, and their libraries were asked. */
  | { readonly kind: 'drift'; readonly locales: readonly LocaleDrift[] }
  /** The pinned one was not: how it ordered pairs of strings stands in the lock file. */
  | {
      readonly kind: 'recorded';
      readonly pinned: readonly PinnedOrder[];
      readonly candidate: readonly PinnedOrder[];
      /** Undefined when the lock file speaks of other pairs than this Redoubt. */
      readonly pairs: readonly Canary[] | undefined;
    };

/** What is to be said about the order of one library's locales. */
export interface OrderVerdict {
  /** `same` only where it is proved. */
  readonly order: 'changed' | 'same' | 'unproved';
  readonly words: string;
  /** Pairs that change places, with their code points. */
  readonly examples: readonly string[];
}

const shownLocales = 4;
const shownPairs = 3;

/** Whether order changes in the locales in use, in words that say how that is known. */
export function orderVerdict(provider: 'libc' | 'icu', evidence: OrderEvidence): OrderVerdict {
  return evidence.kind === 'drift'
    ? byDrift(evidence.locales.filter((each) => each.provider === provider))
    : byRecord(
        evidence.pinned.filter((each) => each.provider === provider),
        evidence.candidate.filter((each) => each.provider === provider),
        evidence.pairs,
      );
}

function byDrift(locales: readonly LocaleDrift[]): OrderVerdict {
  if (locales.length === 0) return unused;
  const changed = locales.filter(({ order, equality }) => order === 'changed' || equality === 'changed');
  const open = locales.filter((each) => !changed.includes(each) && each.order === 'unknown');
  const same = locales.filter((each) => !changed.includes(each) && each.order === 'same');
  const silent = changed.filter(({ alarm }) => alarm === 'silent');
  const [largest] = changed.toSorted((left, right) => right.codePointsMoved - left.codePointsMoved);
  const moved =
    largest === undefined || largest.codePointsMoved === 0
      ? []
      : [`in ${largest.locale} ${largest.codePointsMoved.toLocaleString('en')} code points move`];
  const shown = shownOf(changed.flatMap(({ examples }) => examples.slice(0, 1).map(pairOf)));
  const words = [
    ...(changed.length === 0
      ? []
      : [`order changes for ${names(changed)}${inBrackets([...moved, ...shown])}`]),
    ...(silent.length === 0 ? [] : [`PostgreSQL gives no warning for ${names(silent)}`]),
    ...(same.length === 0 ? [] : [`order is the same for ${names(same)}`]),
    ...(open.length === 0 ? [] : [`whether it changes for ${names(open)} is not known`]),
    'asked of both bundles',
  ];
  return {
    order: changed.length > 0 ? 'changed' : open.length > 0 ? 'unproved' : 'same',
    words: words.join(', '),
    examples: changed.flatMap(({ locale, examples }) =>
      examples.map((example) => `${locale}: ${withCodePoints(pairOf(example))}`),
    ),
  };
}

const byLock = 'told by the lock file alone, since the pinned bundle is not at hand';

function byRecord(
  pinned: readonly PinnedOrder[],
  candidate: readonly PinnedOrder[],
  pairs: readonly Canary[] | undefined,
): OrderVerdict {
  const both = pinned.flatMap((before) => {
    const after = candidate.find(({ locale }) => locale === before.locale);
    return after === undefined ? [] : [{ locale: before.locale, before, after }];
  });
  if (both.length === 0) return { ...unused, words: `${unused.words}, ${byLock}` };
  const versions = new Set(
    both
      .filter(({ before, after }) => before.collversion !== after.collversion)
      .map(({ before, after }) => `${before.collversion ?? 'none'} to ${after.collversion ?? 'none'}`),
  );
  const flips = pairs === undefined ? [] : both.filter(({ before, after }) => before.pairs !== after.pairs);
  const quiet = both.filter((each) => !flips.includes(each));
  const flipped = flips.map(({ locale, before, after }) => ({
    locale,
    pairs: flippedPairs(before.pairs, after.pairs, pairs ?? []),
  }));
  const shown = shownOf(flipped.flatMap((each) => each.pairs.slice(0, 1)));
  const unproved =
    pairs === undefined
      ? `the lock file knows other pairs of strings than this Redoubt, so that nothing is known of ${names(quiet)}`
      : `of ${String(pairs.length)} known pairs none changes places in ${names(quiet)}, which proves nothing`;
  const words = [
    ...(flips.length === 0 ? [] : [`order changes for ${names(flips)}${inBrackets(shown)}`]),
    ...(quiet.length === 0 ? [] : [unproved]),
    ...(versions.size === 0
      ? []
      : [`collation versions ${[...versions].join(' and ')}, so that PostgreSQL warns`]),
    byLock,
  ];
  return {
    order: flips.length > 0 ? 'changed' : 'unproved',
    words: words.join(', '),
    examples: flipped.flatMap(({ locale, pairs: all }) =>
      all.map((pair) => `${locale}: ${withCodePoints(pair)}`),
    ),
  };
}

const unused: OrderVerdict = { order: 'unproved', words: 'no locale of it is in use', examples: [] };

interface Pair {
  readonly left: string;
  readonly right: string;
  readonly from: string;
  readonly to: string;
}

function flippedPairs(before: string, after: string, pairs: readonly Canary[]): readonly Pair[] {
  return pairs.flatMap(({ left, right }, number) => {
    const [from, to] = [before[number], after[number]];
    return from === to || from === undefined || to === undefined ? [] : [{ left, right, from, to }];
  });
}

function pairOf({ left, right, from, to }: DriftExample): Pair {
  return { left: left.text, right: right.text, from, to };
}

/** The first few, each once. */
function shownOf(pairs: readonly Pair[]): readonly string[] {
  const words = pairs.map(({ left, right, from, to }) => `"${left}" ${from} "${right}" becomes ${to}`);
  return [...new Set(words)].slice(0, shownPairs);
}

function withCodePoints({ left, right, from, to }: Pair): string {
  const [ofLeft, ofRight] = [left, right].map((text) => exampleString(text).codePoints.join(' '));
  return `"${left}" ${from} "${right}" becomes ${to} (${ofLeft ?? ''} | ${ofRight ?? ''})`;
}

function inBrackets(words: readonly string[]): string {
  return words.length === 0 ? '' : ` (${words.join('; ')})`;
}

function names(all: readonly { readonly locale: string }[]): string {
  const more = all.length - shownLocales;
  const some = all.slice(0, shownLocales).map(({ locale }) => locale);
  return `${some.join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
}
