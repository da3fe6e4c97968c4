import { RedoubtError } from '../error.ts';
import type { FileTree } from './inventory/file-tree.ts';
import { FolderTree } from './inventory/folder-tree.ts';

/**
 * The layouts of a bundle: variants 1 (`static`) and 2 (`chroot`) of the RFC, and the tarball that came before it,
 * which leans on its host (`pg-install`).
 */
export type BundleLayout = 'chroot' | 'pg-install' | 'static';

const versionFolder = /^v\d{1,3}$/;

/** Recognises the layout of an unpacked bundle. Throws what {@link layoutOf} throws. */
export async function recogniseLayout(directory: string, source: string): Promise<BundleLayout> {
  return layoutOf(new FolderTree(directory), source);
}

/**
 * Recognises the layout of a bundle by its names. Links do not count: in a bundle that is not chrooted into they could lead
 * anywhere. Throws `unknown-layout`, saying what was found instead.
 */
export function layoutOf(tree: FileTree, source: string): BundleLayout {
  const isFile = (path: string): boolean => tree.entry(path)?.kind === 'file';
  if (isFile('/LAUNCHER')) return 'chroot';
  const root = tree.entry('/');
  const names = root?.kind === 'directory' ? root.names : [];
  for (const name of names.filter((word) => versionFolder.test(word))) {
    if (isFile(`/${name}/bin/postgres`)) return 'pg-install';
    if (isFile(`/${name}/postgres`)) return 'static';
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
