import { readdir } from 'node:fs/promises';

import type { Bundle } from './open.ts';

/** Whose server a bundle runs; unknown when its tree does not tell. */
export type BundleFlavour = 'vanilla' | 'neon' | 'unknown';

/** Neon's walredo comes with Neon's extensions. */
const neonFile = /^neon(_rmgr|_walredo)?\.(so|control)$/;
const anyExtension = /^[a-z_0-9]+\.control$/;

/** The flavour that the names of a bundle's files give away: a fully static one has none. */
export async function bundleFlavour({ directory }: Bundle): Promise<BundleFlavour> {
  const names = await readdir(directory, { recursive: true });
  const files = names.map((path) => path.slice(path.lastIndexOf('/') + 1));
  if (files.some((name) => neonFile.test(name))) return 'neon';
  return files.some((name) => anyExtension.test(name)) ? 'vanilla' : 'unknown';
}
