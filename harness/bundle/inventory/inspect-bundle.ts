import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';

import { RedoubtError } from '../../error.ts';
import { silent } from '../../host/progress.ts';
import { systemError } from '../../host/system-error.ts';
import { digestFile } from '../digest.ts';
import { layoutOf } from '../layout.ts';
import { openBundle } from '../open.ts';
import { takeInventory } from './bundle-inventory.ts';
import { type BundleDescription, describeBundle } from './describe-bundle.ts';
import { FolderTree } from './folder-tree.ts';
import { readTarballTree } from './tarball-tree.ts';

/**
 * Describes a bundle without executing anything of it: a folder where it lies, a tarball as it streams by, not unpacked.
 * Throws `usage` for no such file, no tarball, a refused archive, an unknown layout, and one in which no server is found
 * (`no-server`).
 */
export async function inspectBundle(path: string): Promise<BundleDescription> {
  const stats = await stat(path).catch(() => undefined);
  const description = stats?.isFile() === true ? await inspectTarball(path) : await inspectFolder(path);
  if (description.majors.length > 0) return description;
  throw new RedoubtError(
    'usage',
    'no-server',
    `${path} holds no server of PostgreSQL that tells its version`,
    {
      remedy: 'Give a bundle whose servers are not packed.',
      details: { path },
    },
  );
}

async function inspectFolder(path: string): Promise<BundleDescription> {
  const { source, digest, layout, directory } = await openBundle(path, silent);
  return describeBundle(takeInventory(layout, new FolderTree(directory)), { source, digest });
}

async function inspectTarball(path: string): Promise<BundleDescription> {
  const file = resolve(path);
  try {
    const [tree, digest] = await Promise.all([readTarballTree(file), digestFile(file)]);
    return describeBundle(takeInventory(layoutOf(tree, path), tree), { source: path, digest });
  } catch (error) {
    throw systemError(`cannot read the bundle ${path}`, error);
  }
}
