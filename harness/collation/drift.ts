import { RedoubtError } from '../error.ts';
import type { Progress } from '../host/progress.ts';
import { builtinDrifts } from './builtin/builtin-drift.ts';
import { canaryFlips, openCanaries } from './canaries.ts';
import type { Codeset } from './codeset.ts';
import { encodedCorpus } from './encoded-corpus.ts';
import { type CodePointBits, countCodePoints, unionOf } from './code-point-set.ts';
import { type CollationEnvironment, icuDigest } from './environment.ts';
import { bytewiseDrifts, findingOf } from './locale-finding.ts';
import type { CollationProvider, LocaleDrift } from './locale-drift.ts';
import type { SharedLocale } from './locale-list.ts';
import { type LocalesInBoth, localesInBoth } from './locales-in-both.ts';
import { type LibraryProvider, Probe } from './probe.ts';
import { addToBoth, type Sides } from './sides.ts';
import { compareRanks, type SweepGround, sweepGround, type SweepResult } from './sweep.ts';
import { ownCorpus, sweepCorpus } from './sweep-corpus.ts';
import { type SweepGroup, sweepGroups } from './sweep-groups.ts';
import { requiredRanks } from './required-ranks.ts';

export interface DriftOptions {
  readonly from: CollationEnvironment;
  readonly to: CollationEnvironment;
  readonly providers: readonly CollationProvider[];
  /** As the user wrote them; undefined for all that there are. */
  readonly locales: readonly string[] | undefined;
  /** Whether a locale that one side lacks is an error, or only among those of `onlyIn`. */
  readonly missing?: 'refused' | 'told';
  /** The user's own strings, put in order beside the others. */
  readonly strings?: readonly string[] | undefined;
  /** Whether to stop after facts, canaries and the user's own strings. */
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
  /** Null where there is no libicu. */
  readonly icu: IcuFacts | null;
  /** How many code points the libraries know to be assigned. */
  readonly assigned: Readonly<Partial<Record<LibraryProvider, number>>>;
}

export interface IcuFacts {
  readonly version: string;
  readonly unicode: string;
  /** Over its files, code and data. */
  readonly digest: string;
}

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
    const groups = sweepGroups(locales, {
      provider,
      isSameIcu: facts[0].icu?.digest === facts[1].icu?.digest,
      sweepEach: options.locales !== undefined,
    });
    if (locales.length > 0) drifts.push(...(await driftOfProvider(sides, provider, groups, options)));
  }
  const withLibraries = options.providers.filter((provider) => provider !== 'builtin');
  drifts.push(...bytewiseDrifts(withLibraries, options.locales));
  if (options.providers.includes('builtin')) drifts.push(...(await builtinDrifts(options)));
  const unknown = options.locales?.find((asked) => !drifts.some(({ locale }) => locale === asked));
  if (unknown !== undefined && options.missing !== 'told') throw notInBoth(unknown, options);
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
  const digest = await icuDigest(probe.environment);
  const [version = '', unicode = ''] = icu.kind === 'answered' ? icu.body.toString('utf8').split('\t') : [];
  const assigned: Partial<Record<LibraryProvider, number>> = {};
  for (const provider of ['libc', 'icu'] as const) {
    const bits = await probe.assigned(provider);
    if (bits !== undefined) assigned[provider] = countCodePoints(bits);
  }
  return {
    name: probe.environment.name,
    libc: await probe.libcVersion(),
    icu: icu.kind === 'answered' && digest !== undefined ? { version, unicode, digest } : null,
    assigned,
  };
}

async function driftOfProvider(
  sides: Sides,
  provider: LibraryProvider,
  groups: readonly SweepGroup[],
  options: DriftOptions,
): Promise<readonly LocaleDrift[]> {
  const drifts: LocaleDrift[] = [];
  // Each encoding has strings of its own.
  for (const ofCodeset of Map.groupBy(groups, (group) => codesetOf(group)?.name).values())
    drifts.push(...(await driftOfCodeset(sides, provider, ofCodeset, options)));
  return drifts;
}

async function driftOfCodeset(
  sides: Sides,
  provider: LibraryProvider,
  groups: readonly SweepGroup[],
  { quick, strings = [], progress }: DriftOptions,
): Promise<readonly LocaleDrift[]> {
  const codeset = codesetOf(groups[0]);
  const canaries = await openCanaries(sides, codeset);
  const flips = new Map<SharedLocale, LocaleDrift['examples']>();
  for (const locale of groups.flatMap((group) => canariesOf(provider, group))) {
    progress('canaries', `${provider} ${locale.locale}`);
    flips.set(locale, await canaryFlips(sides, canaries, provider, locale));
  }
  const swept =
    quick && strings.length === 0
      ? new Map<SweepGroup, SweepResult>()
      : await sweepAll(sides, provider, groups, { own: strings, isOwnOnly: quick, progress });
  return groups.flatMap((group) =>
    group.members.map((locale) =>
      findingOf({
        provider,
        locale,
        group,
        swept: swept.get(group),
        isOwnOnly: quick,
        flips: flips.get(locale) ?? flips.get(group.members[0] as SharedLocale) ?? [],
      }),
    ),
  );
}

/** libicu has one collator for all locales of a group, hundreds of them; of the C library each is asked. */
function canariesOf(provider: LibraryProvider, { members }: SweepGroup): readonly SharedLocale[] {
  return provider === 'icu' ? members.slice(0, 1) : members;
}

function codesetOf(group: SweepGroup | undefined): Codeset | undefined {
  return group?.members[0]?.from.codeset;
}

/** What is put in order: the user's own strings, alone or beside all others. */
interface SweptStrings {
  readonly own: readonly string[];
  readonly isOwnOnly: boolean;
  readonly progress: Progress;
}

/** Sweeps one locale of each group, all of one encoding; while one is compared here, the next is put in order there. */
async function sweepAll(
  sides: Sides,
  provider: LibraryProvider,
  groups: readonly SweepGroup[],
  strings: SweptStrings,
): Promise<ReadonlyMap<SweepGroup, SweepResult>> {
  const { progress } = strings;
  const results = new Map<SweepGroup, SweepResult>();
  const toSweep = groups.filter(({ isSwept }) => isSwept);
  if (toSweep.length === 0) return results;
  progress('sweep', 'making the strings');
  const { ground, corpus } = await openSweep(sides, provider, codesetOf(groups[0]), strings);
  const ranksOf = async ({ members }: SweepGroup): Promise<readonly [Uint32Array, Uint32Array]> => {
    const first = members[0] as SharedLocale;
    return Promise.all([
      requiredRanks(sides.from, provider, first.from.name, corpus),
      requiredRanks(sides.to, provider, first.to.name, corpus),
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
  codeset: Codeset | undefined,
  { own, isOwnOnly }: SweptStrings,
): Promise<{ readonly ground: SweepGround; readonly corpus: number }> {
  const nothing: CodePointBits = new Uint8Array(0);
  const [from, to] = await Promise.all([sides.from.assigned(provider), sides.to.assigned(provider)]);
  const corpus = isOwnOnly
    ? ownCorpus(codeset, own)
    : await sweepCorpus(unionOf(from ?? nothing, to ?? nothing), codeset, own);
  const number = await addToBoth(sides, encodedCorpus(corpus, codeset));
  const byBytes = await requiredRanks(sides.from, 'libc', 'C', number);
  return { ground: sweepGround(corpus, byBytes, from ?? nothing, to ?? nothing), corpus: number };
}

function notInBoth(locale: string, { from, to, providers }: DriftOptions): RedoubtError {
  return new RedoubtError(
    'usage',
    'unknown-locale',
    `${from.name} and ${to.name} do not both have a locale ${locale} (${providers.join(', ')})`,
    {
      remedy:
        "Locales of the C library are written as in de_DE.utf8, libicu's as in de, de-u-co-phonebk, und; without --locale all are compared.",
      details: { locale, from: from.name, to: to.name },
    },
  );
}
