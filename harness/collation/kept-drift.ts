import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { publish } from '../host/cache.ts';
import { type Drift, driftBetween, type DriftOptions } from './drift.ts';
import type { EnvironmentDigests } from './environment-digests.ts';
import type { LibraryProvider } from './probe.ts';

/** The digests of both sides, by which an answer is kept. */
export interface SidesDigests {
  readonly from: EnvironmentDigests;
  readonly to: EnvironmentDigests;
}

/** Neither a user's own strings nor servers are known by the digests of libraries. */
export interface KeptDriftOptions extends Omit<DriftOptions, 'strings'> {
  readonly providers: readonly LibraryProvider[];
}

const answerFile = 'drift.json';
const corpora = join(import.meta.dirname, '..', '..', 'corpora');
const sources = [
  import.meta.dirname,
  join(import.meta.dirname, 'native'),
  join(corpora, 'canaries'),
  join(corpora, 'strings'),
];

/**
 * What {@link driftBetween} says, from the cache where libraries of the same digests were compared before by the same
 * sources with the same strings. Throws what that throws.
 */
export async function keptDrift(options: KeptDriftOptions, digests: SidesDigests): Promise<Drift> {
  const { providers, locales, missing, quick, progress } = options;
  const question = { providers, locales: locales ?? 'all', missing: missing ?? 'refused', quick };
  const sides = [digests.from, digests.to].map((side) => partsOf(side, providers));
  const key = createHash('sha256')
    .update(JSON.stringify([await sourcesDigest(), question, sides]))
    .digest('hex')
    .slice(0, 16);
  const directory = await publish(
    `drifts/${key}`,
    async (partial) => {
      const drift = await driftBetween(options);
      await writeFile(join(partial, answerFile), JSON.stringify(drift));
    },
    () => progress('drift', 'waiting for another run that compares the same libraries'),
  );
  const kept = JSON.parse(await readFile(join(directory, answerFile), 'utf8')) as Drift;
  return {
    ...kept,
    from: { ...kept.from, name: options.from.name },
    to: { ...kept.to, name: options.to.name },
  };
}

/** libicu is asked by a process that has a C library, which is of no account for its order. */
function partsOf(
  { libc, icu, locales }: EnvironmentDigests,
  providers: KeptDriftOptions['providers'],
): unknown {
  return {
    libc: providers.includes('libc') ? [libc, Object.fromEntries(locales)] : null,
    icu: providers.includes('icu') ? icu : null,
  };
}

async function sourcesDigest(): Promise<string> {
  const digest = createHash('sha256');
  for (const directory of sources) {
    const entries = await readdir(directory, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    for (const name of names.toSorted())
      digest.update(`\0${name}\0`).update(await readFile(join(directory, name)));
  }
  return digest.digest('hex');
}
