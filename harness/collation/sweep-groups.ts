import type { SharedLocale } from './locale-list.ts';
import type { LibraryProvider } from './probe.ts';

/** Locales whose order comes from the same data on either side: what is true of the first is true of all. */
export interface SweepGroup {
  readonly members: readonly SharedLocale[];
  /** Whether the C library's data is the same on both sides, byte for byte. */
  readonly isSameData: boolean;
  readonly isSwept: boolean;
}

/**
 * Puts locales into groups. Where the C library's data is the same on both sides only its code could differ: of those groups
 * the largest is swept, in proof that it does not, and the others have facts and canaries (`sweepEach` sweeps them too).
 */
export function sweepGroups(
  provider: LibraryProvider,
  locales: readonly SharedLocale[],
  sweepEach: boolean,
): readonly SweepGroup[] {
  const byData = new Map<string, SharedLocale[]>();
  for (const locale of locales) {
    const key = dataKey(provider, locale);
    const group = byData.get(key);
    if (group === undefined) byData.set(key, [locale]);
    else group.push(locale);
  }
  const groups = [...byData.values()].map((members) => ({
    members,
    isSameData: isSameData(provider, members),
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
  return provider === 'libc' ? `${from.data} ${to.data}` : `${from.data} ${to.data} ${settingsOf(locale)}`;
}

function isSameData(provider: LibraryProvider, members: readonly SharedLocale[]): boolean {
  return provider === 'libc' && members.every(({ from, to }) => from.data !== null && from.data === to.data);
}

/** The settings in an ICU locale's name but for its tailoring, which `data` names already. */
function settingsOf(tag: string): string {
  const [, settings = ''] = /-u-(.*)$/.exec(tag) ?? [];
  return settings.replace(/(^|-)co-[a-z0-9]+/, '');
}
