import { comparison } from '../collation/canaries.ts';
import { CorpusBuilder } from '../collation/corpus.ts';
import type { CollationEnvironment } from '../collation/environment.ts';
import type { LocaleInUse } from '../collation/locale-in-use.ts';
import { type LibraryProvider, Probe } from '../collation/probe.ts';
import { type Canary, readCanaries } from '../collation/stored-strings.ts';
import type { Progress } from '../host/progress.ts';
import type { PinnedOrder } from './bundle-lock.ts';
import { shortDigest } from './file-facts.ts';

/** Which pairs a lock file's `pairs` speak of: those of another Redoubt may be others. */
export async function canaryDigest(): Promise<string> {
  return shortDigest((await readCanaries()).map(({ left, right }) => `${left}\0${right}`).join('\0\0'));
}

/**
 * How the libraries of an environment order the canaries in locales that are in use; a locale that they do not have, or
 * that is not in UTF-8, is left out. Throws what opening a probe throws.
 */
export async function canaryOrder(
  environment: CollationEnvironment,
  locales: readonly LocaleInUse[],
  progress: Progress,
): Promise<readonly PinnedOrder[]> {
  await using probe = await Probe.open(environment, progress);
  const pairs = await readCanaries();
  const { bytes } = new CorpusBuilder()
    .addStrings(
      'canaries',
      'systematic',
      pairs.flatMap(({ left, right }) => [left, right]),
    )
    .build();
  const corpus = await probe.addCorpus(bytes);
  const orders: PinnedOrder[] = [];
  for (const { provider, locale } of locales) {
    if (provider === 'builtin') continue;
    const order = await orderOf(probe, provider, locale, corpus, pairs);
    if (order !== undefined) orders.push(order);
  }
  return orders;
}

async function orderOf(
  probe: Probe,
  provider: LibraryProvider,
  locale: string,
  corpus: number,
  pairs: readonly Canary[],
): Promise<PinnedOrder | undefined> {
  const answer = await probe.ask(`describe ${provider} ${locale}`);
  if (answer.kind === 'refused') return undefined;
  const [what, collversion = ''] = answer.body.toString('utf8').split('\t');
  if (provider === 'libc' && what !== 'UTF-8') return undefined;
  const ranks = await probe.ranks(provider, locale, corpus);
  if (!(ranks instanceof Uint32Array)) return undefined;
  return {
    provider,
    locale,
    collversion: collversion === '' ? null : collversion,
    pairs: pairs.map((pair, number) => comparison(ranks, number, pair)).join(''),
  };
}
