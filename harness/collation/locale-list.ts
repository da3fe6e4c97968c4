import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { insideRoot } from './environment.ts';
import { canonicalLibcLocale, sameLibcLocale } from './locale-name.ts';
import type { Probe } from './probe.ts';

/** A locale of one environment. */
export interface KnownLocale {
  /** As the library of this environment wants it. */
  readonly name: string;
  readonly collversion: string | null;
  /** What its order comes from: a digest of LC_COLLATE, or the locale whose tailoring libicu takes. */
  readonly data: string | null;
}

/** A locale that both environments have. */
export interface SharedLocale {
  readonly locale: string;
  readonly from: KnownLocale;
  readonly to: KnownLocale;
}

/** Asked for even where no folder bears its name: it may lie in an archive of locales. */
const bytewiseLocale = 'C.UTF-8';

/** The locales of the C library's that are in UTF-8. Those of other codesets cannot be asked for strings in UTF-8. */
export async function libcLocales(probe: Probe): Promise<readonly KnownLocale[]> {
  const { rootPath, localeDirectory } = probe.environment;
  const directory = await insideRoot(rootPath, localeDirectory);
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  if (!names.some((name) => sameLibcLocale(name, bytewiseLocale))) names.push(bytewiseLocale);
  const locales: KnownLocale[] = [];
  for (const name of names.toSorted(byName)) {
    const known = await libcLocale(probe, name);
    if (known !== undefined) locales.push(known);
  }
  return locales;
}

/** How many locales of whatever codeset lie in an environment, by name, with the digest of their LC_COLLATE. */
export async function collationDigests(probe: Probe): Promise<ReadonlyMap<string, string>> {
  const { rootPath, localeDirectory } = probe.environment;
  const directory = await insideRoot(rootPath, localeDirectory);
  const names = await readdir(directory).catch(() => []);
  const digests = new Map<string, string>();
  for (const name of names) {
    const digest = await collationDigest(directory, name);
    if (digest !== null) digests.set(canonicalLibcLocale(name), digest);
  }
  return digests;
}

/** Every locale and every tailoring of its own that libicu lists, `und` first; none where there is no libicu. */
export async function icuLocales(probe: Probe): Promise<readonly KnownLocale[]> {
  const answer = await probe.ask('icu-locales');
  if (answer.kind === 'refused') return [];
  const tags = answer.body.toString('utf8').split('\n').filter(Boolean);
  // Nondeterministic collations mostly ignore case, or case and accents: their equality is of interest by itself.
  const all = ['und', 'und-u-ks-level1', 'und-u-ks-level2', ...tags];
  const locales: KnownLocale[] = [];
  for (const tag of new Set(all)) {
    const known = await icuLocale(probe, tag);
    const isRootsAgain = tag.includes('-u-co-') && !tag.startsWith('und') && known?.data?.startsWith('root');
    if (known !== undefined && isRootsAgain !== true) locales.push(known);
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

/** One locale of the C library's; undefined when it is not there or not in UTF-8. */
export async function libcLocale(probe: Probe, name: string): Promise<KnownLocale | undefined> {
  const answer = await probe.ask(`describe libc ${name}`);
  if (answer.kind === 'refused') return undefined;
  const [codeset, collversion] = answer.body.toString('utf8').split('\t');
  if (codeset !== 'UTF-8') return undefined;
  const directory = await insideRoot(probe.environment.rootPath, probe.environment.localeDirectory);
  return { name, collversion: collversion || null, data: await collationDigest(directory, name) };
}

/** One locale of libicu's; undefined when it cannot be opened. */
export async function icuLocale(probe: Probe, tag: string): Promise<KnownLocale | undefined> {
  const answer = await probe.ask(`describe icu ${tag}`);
  if (answer.kind === 'refused') return undefined;
  const [data, collversion] = answer.body.toString('utf8').split('\t');
  return { name: tag, collversion: collversion ?? null, data: data ?? null };
}

async function collationDigest(directory: string, name: string): Promise<string | null> {
  const bytes = await readFile(join(await insideRoot(directory, name), 'LC_COLLATE')).catch(() => undefined);
  return bytes === undefined ? null : createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

function byName(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
