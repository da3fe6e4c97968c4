import type { Drift, EnvironmentFacts } from '../../collation/drift.ts';
import type { CollationEnvironment } from '../../collation/environment.ts';
import type { EnvironmentDigests } from '../../collation/environment-digests.ts';
import { keptDrift, type SidesDigests } from '../../collation/kept-drift.ts';
import type { LocaleDrift } from '../../collation/locale-drift.ts';
import { sameLibcLanguage, sameLibcLocale } from '../../collation/locale-name.ts';
import type { LibraryProvider } from '../../collation/probe.ts';
import type { Progress } from '../../host/progress.ts';

/** The environments of one cell: the compute image's, in which indexes are made, and the candidate's. */
export interface ComparedEnvironments {
  readonly compute: CollationEnvironment;
  readonly candidate: CollationEnvironment;
}

/** What changes from the compute image's library to the candidate's. */
export type LibraryDrift =
  /** The same library and data byte for byte: nothing needs to be put in order. */
  | { readonly kind: 'identical'; readonly digest: string; readonly missing: readonly MissingLocale[] }
  | {
      readonly kind: 'compared';
      readonly compute: EnvironmentFacts;
      readonly candidate: EnvironmentFacts;
      /** Of the locales in use, each swept. */
      readonly used: readonly LocaleDrift[];
      /** Of the others, looked at in passing: those that change, or of which nothing is proved. */
      readonly others: readonly LocaleDrift[];
      readonly missing: readonly MissingLocale[];
    }
  | { readonly kind: 'library missing'; readonly in: Side };

export interface MissingLocale {
  readonly locale: string;
  readonly in: Side;
}

/** Whose fault it is. */
export type Side = 'compute' | 'candidate' | 'both';

/** Reads what decides order in an environment; the same one is read once. */
export type ReadDigests = (environment: CollationEnvironment) => Promise<EnvironmentDigests>;

/** Compares the libraries of a cell for the locales of one provider that are in use, if any, and in passing for all others. */
export async function libraryDrift(
  { compute, candidate }: ComparedEnvironments,
  provider: LibraryProvider,
  locales: readonly string[],
  read: ReadDigests,
  progress: Progress,
): Promise<LibraryDrift> {
  const digests = { from: await read(compute), to: await read(candidate) };
  const { from, to } = digests;
  if (provider === 'icu' && (from.icu === null || to.icu === null))
    return { kind: 'library missing', in: sideOf(from.icu === null, to.icu === null) };
  if (isIdentical(provider, digests)) {
    const missing = provider === 'icu' ? [] : missingLocales(locales, digests);
    return { kind: 'identical', digest: (provider === 'icu' ? from.icu : from.libc) ?? '', missing };
  }
  const common = { from: compute, to: candidate, providers: [provider], missing: 'told', progress } as const;
  const all = await keptDrift({ ...common, locales: undefined, quick: true }, digests);
  const used =
    locales.length === 0
      ? { ...all, locales: [] }
      : await keptDrift({ ...common, locales, quick: false }, digests);
  return {
    kind: 'compared',
    compute: used.from,
    candidate: used.to,
    used: used.locales,
    others: all.locales.filter(
      ({ locale, order }) =>
        order !== 'same' && !used.locales.some((each) => isSame(provider, each.locale, locale)),
    ),
    missing: locales
      .filter((locale) => !used.locales.some((each) => each.locale === locale))
      .map((locale) => ({ locale, in: lackingSide(used, locale) })),
  };
}

function isIdentical(provider: LibraryProvider, { from, to }: SidesDigests): boolean {
  if (provider === 'icu') return from.icu === to.icu;
  const isSameData = ([name, digest]: readonly [string, string]): boolean =>
    (to.locales.get(name) ?? digest) === digest;
  return from.libc === to.libc && [...from.locales].every(isSameData);
}

function missingLocales(locales: readonly string[], { from, to }: SidesDigests): readonly MissingLocale[] {
  return locales.flatMap((locale) => {
    const hasName = ({ locales: known }: EnvironmentDigests): boolean =>
      [...known.keys()].some((name) => sameLibcLocale(name, locale));
    const has = hasName(from) || hasName(to) ? hasName : (side: EnvironmentDigests) => mayHave(side, locale);
    const [lacksCompute, lacksCandidate] = [!has(from), !has(to)];
    return lacksCompute || lacksCandidate ? [{ locale, in: sideOf(lacksCompute, lacksCandidate) }] : [];
  });
}

/** A name with an encoding may mean a folder without one: which encoding that has only the library knows. */
function mayHave({ locales }: EnvironmentDigests, locale: string): boolean {
  return [...locales.keys()].some((name) => !name.includes('.') && sameLibcLanguage(name, locale));
}

/** `onlyIn` has what one side alone has of the locales that were asked for. */
function lackingSide({ onlyIn }: Drift, locale: string): Side {
  const isAmong = (names: readonly string[]): boolean =>
    names.some((name) => sameLibcLocale(name.replace(/^(?:libc|icu) /, ''), locale));
  if (isAmong(onlyIn.from)) return 'candidate';
  return isAmong(onlyIn.to) ? 'compute' : 'both';
}

function isSame(provider: LibraryProvider, left: string, right: string): boolean {
  return provider === 'libc' ? sameLibcLocale(left, right) : left === right;
}

function sideOf(lacksCompute: boolean, lacksCandidate: boolean): Side {
  if (lacksCompute && lacksCandidate) return 'both';
  return lacksCompute ? 'compute' : 'candidate';
}
