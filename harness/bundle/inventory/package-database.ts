import { posix } from 'node:path';

import { parsePackageStatus } from '../../host/debian/package-status.ts';
import type { FileTree } from './file-tree.ts';
import type { OwningPackage } from './package-manifest.ts';
import { resolveFile, resolveFolder } from './resolve-path.ts';

/** The package manager's own records in a tree: what a bundle has that was made of a distro's root. */
export interface PackageDatabase {
  readonly packages: readonly OwningPackage[];
  /** The package that put a file there, by the file's path inside the tree. */
  readonly ownerOf: (path: string) => OwningPackage | undefined;
}

const records = '/var/lib/dpkg';

/** Reads dpkg's status and lists of files, and whose distro it is out of os-release; a tree without them has no packages. */
export function readPackageDatabase(tree: FileTree): PackageDatabase {
  const versions = parsePackageStatus(textAt(tree, `${records}/status`));
  const release = textAt(tree, '/etc/os-release') || textAt(tree, '/usr/lib/os-release');
  const word = (name: string): string | undefined =>
    new RegExp(`^${name}="?([a-z0-9.-]+)"?$`, 'm').exec(release)?.[1];
  const [distro = 'debian', suite = 'unknown'] = [word('ID'), word('VERSION_CODENAME')];
  const packages = new Map(
    Object.entries(versions).map(([name, version]) => [name, { name, version, suite, distro }]),
  );
  const owners = packages.size === 0 ? new Map<string, OwningPackage>() : readLists(tree, packages);
  return { packages: [...packages.values()], ownerOf: (path) => owners.get(canonical(path)) };
}

function readLists(
  tree: FileTree,
  packages: ReadonlyMap<string, OwningPackage>,
): ReadonlyMap<string, OwningPackage> {
  const owners = new Map<string, OwningPackage>();
  const folder = resolveFolder(tree, `${records}/info`);
  const entry = folder === undefined ? undefined : tree.entry(folder);
  for (const name of entry?.kind === 'directory' ? entry.names : []) {
    const owner = packages.get(posix.basename(name, '.list').replace(/:.*$/, ''));
    if (owner === undefined || !name.endsWith('.list')) continue;
    for (const line of textAt(tree, `${folder ?? ''}/${name}`).split('\n'))
      owners.set(canonical(line), owner);
  }
  return owners;
}

/** /lib and /usr/lib are one folder in Debian 12 and later, and dpkg's lists have either name. */
function canonical(path: string): string {
  return path.replace(/^\/(lib|lib64|bin|sbin)\//, '/usr/$1/');
}

function textAt(tree: FileTree, path: string): string {
  const real = resolveFile(tree, path);
  const content = real === undefined ? undefined : tree.content(real);
  return content?.kind === 'text' ? content.text : '';
}
