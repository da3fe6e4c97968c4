import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { RedoubtError } from '../error.ts';

/**
 * The layouts of a bundle: variants 1 (`static`) and 2 (`chroot`) of the RFC, and the tarball that came before it,
 * which leans on its host (`pg-install`).
 */
export type BundleLayout = 'chroot' | 'pg-install' | 'static';

const versionFolder = /^v\d{1,3}$/;

/** Recognises the layout of an unpacked bundle by its names. Throws `unknown-layout`, saying what was found instead. */
export async function recogniseLayout(directory: string, source: string): Promise<BundleLayout> {
  if (await isPlainFile(join(directory, 'LAUNCHER'))) return 'chroot';
  const names = (await readdir(directory)).toSorted();
  for (const name of names.filter((word) => versionFolder.test(word))) {
    if (await isPlainFile(join(directory, name, 'bin', 'postgres'))) return 'pg-install';
    if (await isPlainFile(join(directory, name, 'postgres'))) return 'static';
  }
  throw new RedoubtError(
    'usage',
    'unknown-layout',
    `${source} is no bundle: it has neither LAUNCHER, nor vNN/bin/postgres, nor vNN/postgres` +
      ` (it holds ${
        names.length === 0
          ? 'nothing'
          : names
              .slice(0, 5)
              .map((name) => JSON.stringify(name))
              .join(', ')
      })`,
    {
      remedy:
        names.length === 1
          ? 'If the bundle is the folder inside, pack or give that folder itself.'
          : 'Give a bundle of the layout chroot, pg-install or static.',
      details: { source },
    },
  );
}

/** Links do not count: in a bundle that is not chrooted into they could lead anywhere. */
async function isPlainFile(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
