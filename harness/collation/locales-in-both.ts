import type { CollationProvider } from './locale-drift.ts';
import {
  collationDigests,
  icuBases,
  icuLocale,
  icuLocales,
  type KnownLocale,
  libcLocales,
  type SharedLocale,
} from './locale-list.ts';
import { canonicalIcuLocale, canonicalLibcLocale, sameLibcLocale } from './locale-name.ts';
import type { LibraryProvider } from './probe.ts';
import type { Sides } from './sides.ts';

export interface LocalesInBoth {
  readonly locales: Readonly<Record<LibraryProvider, readonly SharedLocale[]>>;
  readonly onlyIn: { readonly from: readonly string[]; readonly to: readonly string[] };
  /** LC_COLLATE of every packaged locale, of whatever codeset, compared byte for byte. */
  readonly localeData: {
    readonly inBoth: number;
    readonly equal: number;
    readonly different: readonly string[];
  };
}

/** The locales to compare: all that both sides have, or those of `asked`, spelt as they were asked. */
export async function localesInBoth(
  sides: Sides,
  providers: readonly CollationProvider[],
  asked: readonly string[] | undefined,
): Promise<LocalesInBoth> {
  const libc = providers.includes('libc') ? await sharedLibc(sides, asked) : none;
  const icu = providers.includes('icu') ? await sharedIcu(sides, asked) : none;
  return {
    locales: { libc: libc.shared, icu: icu.shared },
    onlyIn: {
      from: [...libc.onlyFrom.map(word('libc')), ...icu.onlyFrom.map(word('icu'))],
      to: [...libc.onlyTo.map(word('libc')), ...icu.onlyTo.map(word('icu'))],
    },
    localeData: await comparedData(sides),
  };
}

interface Shared {
  readonly shared: readonly SharedLocale[];
  readonly onlyFrom: readonly string[];
  readonly onlyTo: readonly string[];
}

const none: Shared = { shared: [], onlyFrom: [], onlyTo: [] };

async function sharedLibc(sides: Sides, asked: readonly string[] | undefined): Promise<Shared> {
  const [from, to] = await Promise.all([libcLocales(sides.from), libcLocales(sides.to)]);
  const all = matched(from, to, canonicalLibcLocale);
  if (asked === undefined) return all;
  const spelt = (locale: string): string | undefined => asked.find((name) => sameLibcLocale(name, locale));
  return {
    shared: all.shared.flatMap((each) => {
      const locale = spelt(each.locale);
      return locale === undefined ? [] : [{ ...each, locale }];
    }),
    onlyFrom: all.onlyFrom.filter((name) => spelt(name) !== undefined),
    onlyTo: all.onlyTo.filter((name) => spelt(name) !== undefined),
  };
}

async function sharedIcu(sides: Sides, asked: readonly string[] | undefined): Promise<Shared> {
  if (asked === undefined) {
    const [from, to] = await Promise.all([icuLocales(sides.from), icuLocales(sides.to)]);
    return matched(from, to, (name) => name);
  }
  const [inFrom, inTo] = await Promise.all([icuBases(sides.from), icuBases(sides.to)]);
  const shared: SharedLocale[] = [];
  for (const locale of asked) {
    const tag = canonicalIcuLocale(locale);
    // libicu opens anything, and falls back on its root.
    const base = tag.replace(/-u-.*$/, '').toLowerCase();
    if (!inFrom.has(base) || !inTo.has(base)) continue;
    const [from, to] = await Promise.all([icuLocale(sides.from, tag), icuLocale(sides.to, tag)]);
    if (from !== undefined && to !== undefined) shared.push({ locale, from, to });
  }
  return { ...none, shared };
}

function matched(
  from: readonly KnownLocale[],
  to: readonly KnownLocale[],
  canonical: (name: string) => string,
): Shared {
  const others = new Map(to.map((locale) => [canonical(locale.name), locale] as const));
  const ours = new Map(from.map((locale) => [canonical(locale.name), locale] as const));
  return {
    shared: [...ours].flatMap(([locale, known]) => {
      const other = others.get(locale);
      return other === undefined ? [] : [{ locale, from: known, to: other }];
    }),
    onlyFrom: [...ours.keys()].filter((locale) => !others.has(locale)),
    onlyTo: [...others.keys()].filter((locale) => !ours.has(locale)),
  };
}

async function comparedData(sides: Sides): Promise<LocalesInBoth['localeData']> {
  const [from, to] = await Promise.all([collationDigests(sides.from), collationDigests(sides.to)]);
  const inBoth = [...from.keys()].filter((locale) => to.has(locale));
  const different = inBoth.filter((locale) => from.get(locale) !== to.get(locale));
  return { inBoth: inBoth.length, equal: inBoth.length - different.length, different };
}

function word(provider: LibraryProvider): (locale: string) => string {
  return (locale) => `${provider} ${locale}`;
}
