import type { SharedLocale } from './locale-list.ts';
import { icuSettings } from './locale-name.ts';
import type { LibraryProvider } from './probe.ts';

/** Locales whose order comes from the same data on either side: what is true of the first is true of all. */
export interface SweepGroup {
  readonly members: readonly SharedLocale[];
  /** Whether what their order comes from is the same on both sides, byte for byte: locale data, or all of libicu. */
  readonly isSameData: boolean;
  readonly isSwept: boolean;
}

export interface GroupingFacts {
  readonly provider: LibraryProvider;
  /** Whether both sides have the same libicu, byte for byte. */
  readonly isSameIcu: boolean;
  /** Whether every group is to be swept, as when the user named the locales. */
  readonly sweepEach: boolean;
}

/**
 * Puts locales into groups. Where the data is the same on both sides only the code of the C library could differ: of those
 * groups the largest is swept, in proof that it does not, and the others have facts and canaries.
 */
export function sweepGroups(
  locales: readonly SharedLocale[],
  { provider, isSameIcu, sweepEach }: GroupingFacts,
): readonly SweepGroup[] {
  const byData = Map.groupBy(locales, (locale) => dataKey(provider, locale));
  const groups = [...byData.values()].map((members) => ({
    members,
    isSameData: provider === 'icu' ? isSameIcu : members.every(isSameCollation),
  }));
  const control = groups
    .filter((group) => group.isSameData)
    .toSorted((one, other) => other.members.length - one.members.length)[0];
  return groups.map((group) => ({
    ...group,
    isSwept: sweepEach || !group.isSameData || group === control,
  }));
}

function dataKey(provider: LibraryProvider, { locale, from, to }: SharedLocale): string {
  // What has no data of its own to be named by is a group by itself.
  if (from.data === null || to.data === null) return `alone ${locale}`;
  return provider === 'libc'
    ? `${from.data} ${to.data} ${from.codeset?.name ?? ''}`
    : `${from.data} ${to.data} ${icuSettings(locale)}`;
}

function isSameCollation({ from, to }: SharedLocale): boolean {
  return from.data !== null && from.data === to.data;
}
