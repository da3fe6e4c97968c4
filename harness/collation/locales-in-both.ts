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
import { LocaleData } from './locale-data.ts';
import {
  canonicalIcuLocale,
  canonicalLibcLocale,
  icuBase,
  meansLibcLocale,
  sameLibcLanguage,
  sameLibcLocale,
} from './locale-name.ts';
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
  const data: SidesData = {
    from: await LocaleData.open(sides.from.environment),
    to: await LocaleData.open(sides.to.environment),
  };
  const libc = providers.includes('libc') ? await sharedLibc(sides, data, asked) : none;
  const icu = providers.includes('icu') ? await sharedIcu(sides, asked) : none;
  return {
    locales: { libc: libc.shared, icu: icu.shared },
    onlyIn: {
      from: [...libc.onlyFrom.map(word('libc')), ...icu.onlyFrom.map(word('icu'))],
      to: [...libc.onlyTo.map(word('libc')), ...icu.onlyTo.map(word('icu'))],
    },
    localeData: await comparedData(data),
  };
}

interface SidesData {
  readonly from: LocaleData;
  readonly to: LocaleData;
}

interface Shared {
  readonly shared: readonly SharedLocale[];
  readonly onlyFrom: readonly string[];
  readonly onlyTo: readonly string[];
}

const none: Shared = { shared: [], onlyFrom: [], onlyTo: [] };

async function sharedLibc(
  sides: Sides,
  data: SidesData,
  asked: readonly string[] | undefined,
): Promise<Shared> {
  const isCandidate = (name: string): boolean =>
    asked === undefined || asked.some((each) => sameLibcLanguage(each, name));
  const [from, to] = await Promise.all([
    libcLocales(sides.from, data.from, isCandidate),
    libcLocales(sides.to, data.to, isCandidate),
  ]);
  if (asked === undefined) return matched(from, to, canonicalLibcLocale);
  const isMeant = (known: KnownLocale): boolean => asked.some((locale) => isMeantBy(locale, known));
  const all = matched(from.filter(isMeant), to.filter(isMeant), canonicalLibcLocale);
  const meant = (locale: string): SharedLocale | undefined =>
    all.shared.find((each) => sameLibcLocale(locale, each.from.name)) ??
    all.shared.find((each) => isMeantBy(locale, each.from));
  // Whoever names one locale in two spellings has two answers.
  const shared = asked.flatMap((locale) => {
    const found = meant(locale);
    return found === undefined ? [] : [{ ...found, locale }];
  });
  return { ...all, shared };
}

function isMeantBy(locale: string, { name, codeset }: KnownLocale): boolean {
  return meansLibcLocale(locale, name, codeset?.name ?? 'UTF-8');
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
    const base = icuBase(tag);
    if (!inFrom.has(base) || !inTo.has(base)) continue;
    if (tag.includes('@') && [sides.from, sides.to].some(hasNoKeywords)) continue;
    const [from, to] = await Promise.all([icuLocale(sides.from, tag), icuLocale(sides.to, tag)]);
    if (from !== undefined && to !== undefined) shared.push({ locale, from, to });
  }
  return { ...none, shared };
}

/** A libicu before 54 takes no settings after an @: PostgreSQL sets them itself there, of which libraries know nothing. */
function hasNoKeywords({ environment }: Sides['from']): boolean {
  return (environment.icu?.major ?? 0) < 54;
}

function matched(
  from: readonly KnownLocale[],
  to: readonly KnownLocale[],
  canonical: (name: string) => string,
): Shared {
  // A locale that was put into another encoding is another one.
  const key = ({ name, codeset }: KnownLocale): string =>
    `${canonical(name)} ${codeset?.name ?? ''}`.trimEnd();
  const others = new Map(to.map((locale) => [key(locale), locale] as const));
  const ours = new Map(from.map((locale) => [key(locale), locale] as const));
  return {
    shared: [...ours].flatMap(([wanted, known]) => {
      const other = others.get(wanted);
      return other === undefined ? [] : [{ locale: canonical(known.name), from: known, to: other }];
    }),
    onlyFrom: [...ours.keys()].filter((locale) => !others.has(locale)),
    onlyTo: [...others.keys()].filter((locale) => !ours.has(locale)),
  };
}

async function comparedData(data: SidesData): Promise<LocalesInBoth['localeData']> {
  const [from, to] = await Promise.all([collationDigests(data.from), collationDigests(data.to)]);
  const inBoth = [...from.keys()].filter((locale) => to.has(locale));
  const different = inBoth.filter((locale) => from.get(locale) !== to.get(locale));
  return { inBoth: inBoth.length, equal: inBoth.length - different.length, different };
}

function word(provider: LibraryProvider): (locale: string) => string {
  return (locale) => `${provider} ${locale}`;
}
