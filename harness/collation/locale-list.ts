import { codesetNamed, type Codeset } from './codeset.ts';
import type { LocaleData } from './locale-data.ts';
import { canonicalLibcLocale, sameLibcLocale } from './locale-name.ts';
import type { Probe } from './probe.ts';

/** A locale of one environment. */
export interface KnownLocale {
  /** As the library of this environment wants it. */
  readonly name: string;
  readonly collversion: string | null;
  /** What its order comes from: a digest of LC_COLLATE, or the locale whose tailoring libicu takes. */
  readonly data: string | null;
  /** In which its strings are; undefined for UTF-8. */
  readonly codeset: Codeset | undefined;
}

/** A locale that both environments have. */
export interface SharedLocale {
  readonly locale: string;
  readonly from: KnownLocale;
  readonly to: KnownLocale;
}

/** Asked for even where no folder bears its name: it may lie in an archive of locales. */
const bytewiseLocale = 'C.UTF-8';

/** The locales of the C library's that PostgreSQL can use, of those that `isWanted` takes. */
export async function libcLocales(
  probe: Probe,
  data: LocaleData,
  isWanted: (name: string) => boolean,
): Promise<readonly KnownLocale[]> {
  const isBuiltIn = !data.names.some((name) => sameLibcLocale(name, bytewiseLocale));
  const names = isBuiltIn ? [...data.names, bytewiseLocale] : data.names;
  const locales: KnownLocale[] = [];
  const codesets = new Map<string, Codeset | undefined>();
  for (const name of names.filter(isWanted).toSorted(byName)) {
    const known = await libcLocale(probe, data, name, codesets);
    if (known !== undefined) locales.push(known);
  }
  return locales;
}

/** The locales of whatever codeset that lie in an environment, by name, with the digest of their LC_COLLATE. */
export async function collationDigests(data: LocaleData): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for (const name of data.names) {
    const digest = await data.collationDigest(name);
    if (digest !== null) digests.set(canonicalLibcLocale(name), digest);
  }
  return digests;
}

/** Every locale and every tailoring of each that libicu lists, `und` first; none where there is no libicu. */
export async function icuLocales(probe: Probe): Promise<readonly KnownLocale[]> {
  const answer = await probe.ask('icu-locales');
  if (answer.kind === 'refused') return [];
  const tags = answer.body.toString('utf8').split('\n').filter(Boolean);
  // Nondeterministic collations mostly ignore case, or case and accents: their equality is of interest by itself.
  const all = ['und', 'und-u-ks-level1', 'und-u-ks-level2', ...tags];
  const locales: KnownLocale[] = [];
  for (const tag of new Set(all)) {
    const known = await icuLocale(probe, tag);
    if (known !== undefined) locales.push(known);
  }
  return locales;
}

/** The names of all locales that libicu has, without their tailorings, in small letters. */
export async function icuBases(probe: Probe): Promise<ReadonlySet<string>> {
  const answer = await probe.ask('icu-locales');
  if (answer.kind === 'refused') return new Set();
  const tags = answer.body.toString('utf8').split('\n');
  return new Set(tags.filter((tag) => tag !== '' && !tag.includes('-u-')).map((tag) => tag.toLowerCase()));
}

/** Undefined for one that is not there, or in an encoding that no server can have. */
async function libcLocale(
  probe: Probe,
  data: LocaleData,
  name: string,
  codesets: Map<string, Codeset | undefined>,
): Promise<KnownLocale | undefined> {
  const answer = await probe.ask(`describe libc ${name}`);
  if (answer.kind === 'refused') return undefined;
  const [said = '', collversion] = answer.body.toString('utf8').split('\t');
  if (!codesets.has(said)) codesets.set(said, codesetNamed(said));
  const codeset = codesets.get(said);
  if (codeset === undefined && said !== 'UTF-8') return undefined;
  return { name, collversion: collversion || null, data: await data.collationDigest(name), codeset };
}

/** One locale of libicu's; undefined when it cannot be opened. */
export async function icuLocale(probe: Probe, tag: string): Promise<KnownLocale | undefined> {
  const answer = await probe.ask(`describe icu ${tag}`);
  if (answer.kind === 'refused') return undefined;
  const [data, collversion] = answer.body.toString('utf8').split('\t');
  return { name: tag, collversion: collversion ?? null, data: data ?? null, codeset: undefined };
}

function byName(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
