import type { ExampleString } from '../example-string.ts';
import type { DriftExample } from '../examples.ts';
import type { LocaleDrift } from '../locale-drift.ts';
import { icuSettings } from '../locale-name.ts';
import type { LibraryProvider } from '../probe.ts';
import type { Comparison } from './attribution.ts';

/** Pairs of strings, and the collation under which they are to be compared. */
export interface AskedPairs {
  readonly provider: LibraryProvider;
  readonly locale: string;
  readonly pairs: readonly { readonly left: ExampleString; readonly right: ExampleString }[];
}

/** What is asked of every environment about one locale that drifts. */
export interface PairQuestion extends AskedPairs {
  /** That locale, and others whose order comes from the same data. */
  readonly drifts: readonly LocaleDrift[];
}

/** Beside the user's own. */
const mostPairs = 4;

/** The questions about the locales that change, one for all of the same data, with its smallest and most everyday pairs. */
export function pairQuestions(drifts: readonly LocaleDrift[]): readonly PairQuestion[] {
  return [...Map.groupBy(drifts, dataKey).values()].flatMap((group): readonly PairQuestion[] => {
    const [drift] = group;
    if (drift === undefined) return [];
    const { provider, locale, order, equality, examples, encoding } = drift;
    const isChanged = order === 'changed' || equality === 'changed';
    if (provider === 'builtin' || !isChanged || encoding !== 'UTF8' || examples.length === 0) return [];
    const twoOf = (kind: DriftExample['kind']): readonly DriftExample[] =>
      examples.filter((each) => each.kind === kind).slice(0, 2);
    const chosen = (['smallest', 'everyday', 'equality'] as const).flatMap(twoOf).slice(0, mostPairs);
    const pairs = [...twoOf('own'), ...chosen].map(({ left, right }) => ({ left, right }));
    return [{ drifts: group, provider, locale, pairs }];
  });
}

/** What has no data of its own to be named by is a group by itself. */
function dataKey({ provider, locale, data: { from, to }, encoding, examples }: LocaleDrift): string {
  if (from === null || to === null) return `alone ${provider} ${locale}`;
  const settings = provider === 'icu' ? icuSettings(locale) : '';
  return JSON.stringify([provider, from, to, encoding, settings, examples]);
}

/**
 * How two strings compare by the places that a library gives them. libc's equals are ordered by bytes, as PostgreSQL does;
 * libicu's stay equal, as under a nondeterministic collation.
 */
export function comparisonOf(
  provider: LibraryProvider,
  [left, right]: readonly [string, string],
  [leftRank, rightRank]: readonly [number, number],
): Comparison {
  const byLibrary = Math.sign(leftRank - rightRank);
  const byBytes = provider === 'libc' ? Buffer.compare(Buffer.from(left), Buffer.from(right)) : 0;
  const sign = byLibrary === 0 ? byBytes : byLibrary;
  return sign < 0 ? '<' : sign > 0 ? '>' : '=';
}
