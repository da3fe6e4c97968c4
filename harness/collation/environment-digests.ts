import { type CollationEnvironment, icuDigest, libcDigest } from './environment.ts';
import { LocaleData } from './locale-data.ts';
import { collationDigests } from './locale-list.ts';

/** What decides by itself how an environment orders strings. */
export interface EnvironmentDigests {
  readonly libc: string;
  /** Null where there is no libicu. */
  readonly icu: string | null;
  /** Of the LC_COLLATE of each of the C library's locales. */
  readonly locales: ReadonlyMap<string, string>;
}

/** Reads the libraries and locales of an environment. Throws `no-libc` (usage). */
export async function environmentDigests(environment: CollationEnvironment): Promise<EnvironmentDigests> {
  const [libc, icu, data] = await Promise.all([
    libcDigest(environment),
    icuDigest(environment),
    LocaleData.open(environment),
  ]);
  return { libc, icu: icu ?? null, locales: await collationDigests(data) };
}
