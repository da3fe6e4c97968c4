import { RedoubtError } from '../error.ts';
import type { Progress } from '../host/progress.ts';
import { canaryFlips, openCanaries } from './canaries.ts';
import { type CodePointBits, countCodePoints, unionOf } from './code-point-set.ts';
import type { CollationEnvironment } from './environment.ts';
import { alarmOf, type CollationProvider, type DriftStage, type LocaleDrift } from './locale-drift.ts';
import type { SharedLocale } from './locale-list.ts';
import { type LocalesInBoth, localesInBoth } from './locales-in-both.ts';
import { type LibraryProvider, Probe } from './probe.ts';
import { addToBoth, type Sides } from './sides.ts';
import { compareRanks, type SweepGround, sweepGround, type SweepResult } from './sweep.ts';
import { sweepCorpus } from './sweep-corpus.ts';
import { type SweepGroup, sweepGroups } from './sweep-groups.ts';

export interface DriftOptions {
  readonly from: CollationEnvironment;
  readonly to: CollationEnvironment;
  readonly providers: readonly CollationProvider[];
  /** As the user wrote them; undefined for all that there are. */
  readonly locales: readonly string[] | undefined;
  /** Whether to stop after facts and canaries. */
  readonly quick: boolean;
  readonly progress: Progress;
}

/** What two environments are, and what changes between them. */
export interface Drift {
  readonly from: EnvironmentFacts;
  readonly to: EnvironmentFacts;
  readonly localeData: LocalesInBoth['localeData'];
  /** Locales that one side has alone: nothing to compare. */
  readonly onlyIn: LocalesInBoth['onlyIn'];
  readonly locales: readonly LocaleDrift[];
}

export interface EnvironmentFacts {
  readonly name: string;
  readonly libc: string;
  /** libicu's version and that of its Unicode; null where there is none. */
  readonly icu: { readonly version: string; readonly unicode: string } | null;
  /** How many code points the libraries know to be assigned. */
  readonly assigned: Readonly<Partial<Record<LibraryProvider, number>>>;
}

/** PostgreSQL's own provider asks no library: its order is that of bytes, the same everywhere. */
const builtinLocales = ['C', 'C.UTF-8', 'PG_UNICODE_FAST'];

/**
 * Whether order or equality changes between two environments, locale by locale. Throws `usage` for a locale that neither
 * side has, `infrastructure` when a side cannot be asked.
 */
export async function driftBetween(options: DriftOptions): Promise<Drift> {
  await using stack = new AsyncDisposableStack();
  const { progress } = options;
  progress('drift', 'opening both sides');
  const sides: Sides = {
    from: stack.use(await Probe.open(options.from, progress)),
    to: stack.use(await Probe.open(options.to, progress)),
  };
  progress('drift', 'comparing versions and data');
  const facts = await Promise.all([factsOf(sides.from), factsOf(sides.to)]);
  const found = await localesInBoth(sides, options.providers, options.locales);
  const drifts: LocaleDrift[] = [];
  for (const provider of ['libc', 'icu'] as const) {
    const locales = found.locales[provider];
    if (locales.length > 0) drifts.push(...(await driftOfProvider(sides, provider, locales, options)));
  }
  if (options.providers.includes('builtin')) drifts.push(...builtin(options.locales));
  if (drifts.length === 0) throw nothingToCompare(options);
  return {
    from: facts[0],
    to: facts[1],
    localeData: found.localeData,
    onlyIn: found.onlyIn,
    locales: drifts,
  };
}

async function factsOf(probe: Probe): Promise<EnvironmentFacts> {
  const icu = await probe.icuVersion();
  const [version = '', unicode = ''] =
    icu.kind === 'answered' ? icu.body.toString('utf8').split('\t') : [undefined, undefined];
  const assigned: Partial<Record<LibraryProvider, number>> = {};
  for (const provider of ['libc', 'icu'] as const) {
    const bits = await probe.assigned(provider);
    if (bits !== undefined) assigned[provider] = countCodePoints(bits);
  }
  return {
    name: probe.environment.name,
    libc: await probe.libcVersion(),
    icu: icu.kind === 'answered' ? { version, unicode } : null,
    assigned,
  };
}

async function driftOfProvider(
  sides: Sides,
  provider: LibraryProvider,
  locales: readonly SharedLocale[],
  { quick, progress, locales: asked }: DriftOptions,
): Promise<readonly LocaleDrift[]> {
  const canaries = await openCanaries(sides);
  const flips = new Map<SharedLocale, LocaleDrift['examples']>();
  for (const locale of locales) {
    progress('canaries', `${provider} ${locale.locale}`);
    flips.set(locale, await canaryFlips(sides, canaries, provider, locale));
  }
  const groups = sweepGroups(provider, locales, asked !== undefined);
  const swept = quick
    ? new Map<SweepGroup, SweepResult>()
    : await sweepAll(sides, provider, groups, progress);
  return groups.flatMap((group) =>
    group.members.map((locale) =>
      localeDrift(provider, locale, group, swept.get(group), flips.get(locale) ?? []),
    ),
  );
}

/** Sweeps one locale of each group; while one is compared here, the next is put in order there. */
async function sweepAll(
  sides: Sides,
  provider: LibraryProvider,
  groups: readonly SweepGroup[],
  progress: Progress,
): Promise<ReadonlyMap<SweepGroup, SweepResult>> {
  const results = new Map<SweepGroup, SweepResult>();
  const toSweep = groups.filter(({ isSwept }) => isSwept);
  if (toSweep.length === 0) return results;
  progress('sweep', 'making the strings');
  const { ground, corpus } = await openSweep(sides, provider);
  const ranksOf = async ({ members }: SweepGroup): Promise<readonly [Uint32Array, Uint32Array]> => {
    const first = members[0] as SharedLocale;
    return Promise.all([
      ranks(sides.from, provider, first.from.name, corpus),
      ranks(sides.to, provider, first.to.name, corpus),
    ]);
  };
  let next = ranksOf(toSweep[0] as SweepGroup);
  for (const [position, group] of toSweep.entries()) {
    progress(
      'sweep',
      `${provider} ${group.members[0]?.locale ?? ''} (${String(position + 1)} of ${String(toSweep.length)})`,
    );
    const [from, to] = await next;
    const following = toSweep[position + 1];
    if (following !== undefined) {
      next = ranksOf(following);
      next.catch(() => {});
    }
    results.set(group, compareRanks(ground, from, to));
  }
  return results;
}

async function openSweep(
  sides: Sides,
  provider: LibraryProvider,
): Promise<{ readonly ground: SweepGround; readonly corpus: number }> {
  const nothing: CodePointBits = new Uint8Array(0);
  const [from, to] = await Promise.all([sides.from.assigned(provider), sides.to.assigned(provider)]);
  const corpus = await sweepCorpus(unionOf(from ?? nothing, to ?? nothing));
  const number = await addToBoth(sides, corpus.bytes);
  const byBytes = await ranks(sides.from, 'libc', 'C', number);
  return { ground: sweepGround(corpus, byBytes, from ?? nothing, to ?? nothing), corpus: number };
}

async function ranks(
  probe: Probe,
  provider: LibraryProvider,
  locale: string,
  corpus: number,
): Promise<Uint32Array> {
  const answer = await probe.ranks(provider, locale, corpus);
  if (answer instanceof Uint32Array) return answer;
  throw new RedoubtError(
    'infrastructure',
    'locale-refused',
    `${probe.environment.name} cannot order by ${provider} ${locale}: ${answer.words}`,
    { details: { environment: probe.environment.name, provider, locale } },
  );
}

function localeDrift(
  provider: LibraryProvider,
  { locale, from, to }: SharedLocale,
  group: SweepGroup,
  swept: SweepResult | undefined,
  flips: LocaleDrift['examples'],
): LocaleDrift {
  const otherwise = flips.length > 0 ? 'changed' : group.isSameData ? 'same' : 'unknown';
  const order = flips.length > 0 ? 'changed' : (swept?.order ?? otherwise);
  const equality = swept?.equality ?? (group.isSameData ? 'same' : 'unknown');
  // C and POSIX and the like have no version at all; a version on one side alone is no mismatch to PostgreSQL.
  const warned = from.collversion !== null && to.collversion !== null && from.collversion !== to.collversion;
  const evidence: readonly DriftStage[] = [
    'facts',
    'canaries',
    ...(swept === undefined ? [] : ['sweep' as const]),
  ];
  const first = group.members[0]?.locale ?? locale;
  return {
    provider,
    locale,
    order,
    equality,
    codePointsMoved: swept?.codePointsMoved ?? 0,
    assignedInBothMoved: swept?.assignedInBothMoved ?? 0,
    warned,
    alarm: alarmOf(order, equality, warned),
    collversion: { from: from.collversion, to: to.collversion },
    data: { from: from.data, to: to.data },
    scripts: swept?.scripts ?? {},
    strings: swept?.strings ?? 0,
    everydayStrings: swept?.everydayStrings ?? 0,
    everydayMoved: swept?.everydayMoved ?? 0,
    equalityStrings: swept?.equalityStrings ?? 0,
    classes: swept?.classes ?? [],
    examples: [...(swept?.examples ?? []), ...(swept === undefined ? flips : [])],
    evidence,
    sweptAs: swept === undefined || first === locale ? null : first,
  };
}

function builtin(asked: readonly string[] | undefined): readonly LocaleDrift[] {
  return builtinLocales
    .filter((locale) => asked === undefined || asked.includes(locale))
    .map((locale) => ({
      provider: 'builtin',
      locale,
      order: 'same',
      equality: 'same',
      codePointsMoved: 0,
      assignedInBothMoved: 0,
      warned: false,
      alarm: 'quiet',
      collversion: { from: null, to: null },
      data: { from: null, to: null },
      scripts: {},
      strings: 0,
      everydayStrings: 0,
      everydayMoved: 0,
      equalityStrings: 0,
      classes: [],
      examples: [],
      evidence: ['facts'],
      sweptAs: null,
    }));
}

function nothingToCompare({ locales, from, to }: DriftOptions): RedoubtError {
  const asked = locales === undefined ? 'locale' : `locale ${locales.join(', ')}`;
  return new RedoubtError(
    'usage',
    'unknown-locale',
    `${from.name} and ${to.name} have no ${asked} in common`,
    {
      remedy:
        'Leave out --locale to see all that they have; ICU locales are written as in de, de-u-co-phonebk, und.',
      details: { locales: [...(locales ?? [])], from: from.name, to: to.name },
    },
  );
}
