import type { DriftExample } from './examples.ts';
import { alarmOf, type CollationProvider, type DriftStage, type LocaleDrift } from './locale-drift.ts';
import type { SharedLocale } from './locale-list.ts';
import { sameLibcLocale } from './locale-name.ts';
import type { LibraryProvider } from './probe.ts';
import type { SweepResult } from './sweep.ts';
import type { SweepGroup } from './sweep-groups.ts';

/** Canaries shown where there is no sweep to take examples from. */
const shownCanaries = 3;

const bytewiseLocales: Readonly<Record<CollationProvider, readonly string[]>> = {
  libc: ['C', 'POSIX'],
  icu: [],
  builtin: ['C', 'C.UTF-8', 'PG_UNICODE_FAST'],
};

/** What the stages showed of one locale. */
export interface LocaleEvidence {
  readonly provider: LibraryProvider;
  readonly locale: SharedLocale;
  readonly group: SweepGroup;
  /** Undefined when nothing was put in order. */
  readonly swept: SweepResult | undefined;
  /** Whether that was the user's own strings alone, which prove nothing of others. */
  readonly isOwnOnly: boolean;
  /** The canaries that changed places. */
  readonly flips: readonly DriftExample[];
}

/** Puts together what is to be said of a locale. */
export function findingOf({
  provider,
  locale: shared,
  group,
  swept,
  isOwnOnly,
  flips,
}: LocaleEvidence): LocaleDrift {
  const { locale, from, to } = shared;
  const otherwise = flips.length > 0 ? 'changed' : group.isSameData ? 'same' : 'unknown';
  const proved = isOwnOnly ? undefined : swept;
  const order = flips.length > 0 || swept?.order === 'changed' ? 'changed' : (proved?.order ?? otherwise);
  const equality =
    swept?.equality === 'changed' ? 'changed' : (proved?.equality ?? (group.isSameData ? 'same' : 'unknown'));
  // C and POSIX and the like have no version at all; a version on one side alone is no mismatch to PostgreSQL.
  const warned = from.collversion !== null && to.collversion !== null && from.collversion !== to.collversion;
  const evidence: readonly DriftStage[] = [
    'facts',
    'canaries',
    ...(swept?.own == null ? [] : ['strings' as const]),
    ...(proved === undefined ? [] : ['sweep' as const]),
  ];
  const first = group.members[0]?.locale ?? locale;
  return {
    provider,
    locale,
    encoding: from.codeset?.serverEncoding ?? 'UTF8',
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
    own: swept?.own ?? null,
    equalityStrings: swept?.equalityStrings ?? 0,
    classes: proved?.classes ?? [],
    characters: null,
    examples: proved?.examples ?? [
      ...(swept?.examples ?? []).filter(isOfOwn),
      ...flips.slice(0, shownCanaries),
    ],
    evidence,
    sweptAs: swept === undefined || first === locale ? null : first,
  };
}

/** Where the user's strings are all that there is, the smallest are among them. */
function isOfOwn({ kind }: DriftExample): boolean {
  return kind === 'own' || kind === 'equality';
}

/**
 * Locales that ask no library, as PostgreSQL has them: its own provider's, and C and POSIX of the C library's, whose strings
 * it compares byte by byte itself. Nothing can change with libraries. Of those asked for each, as it was spelt.
 */
export function bytewiseDrifts(
  providers: readonly CollationProvider[],
  asked: readonly string[] | undefined,
): readonly LocaleDrift[] {
  return providers.flatMap((provider) =>
    bytewiseLocales[provider]
      .flatMap((locale) => asked?.filter((each) => sameLibcLocale(each, locale)) ?? [locale])
      .map((locale) => unmovable(provider, locale)),
  );
}

function unmovable(provider: CollationProvider, locale: string): LocaleDrift {
  return {
    provider,
    locale,
    encoding: 'UTF8',
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
    own: null,
    equalityStrings: 0,
    classes: [],
    examples: [],
    characters: null,
    evidence: ['facts'],
    sweptAs: null,
  };
}
