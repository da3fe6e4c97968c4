import { type BundleInventory, isBelow, isOfMajor, type ServerAt } from '../inventory/bundle-inventory.ts';
import type { FileTree, TreeEntry } from '../inventory/file-tree.ts';
import { majorProcesses, type MajorProcesses } from '../inventory/processes.ts';

/** The files of one major of a bundle, as the promises about them see them. */
export interface MajorFiles {
  readonly inventory: BundleInventory;
  readonly major: number;
  readonly server: ServerAt | undefined;
  /** What the programs see: the bundle as its own root, or, for `pg-install`, mounted in the host's. */
  readonly processes: MajorProcesses;
  /** The host's root, if the bundle may lean on it. */
  readonly host: FileTree | undefined;
  /** The names that are this major's or everyone's. */
  readonly entries: readonly (readonly [string, TreeEntry])[];
}

/** Picks what belongs to a major. */
export function majorFiles(inventory: BundleInventory, major: number, host?: FileTree): MajorFiles {
  const server = inventory.servers.get(major);
  return {
    inventory,
    major,
    server,
    processes: majorProcesses(inventory, major, host),
    host,
    entries: [...inventory.entries].filter(([path]) => isOfMajor(inventory, major, path)),
  };
}

/** Paths of the plain files of a name below the server's folder, and of those links that have it. */
export function filesNamed({ inventory, server }: MajorFiles, name: string): readonly string[] {
  const suffix = `/${name}`;
  return [...inventory.entries].flatMap(([path, { kind }]) =>
    server !== undefined &&
    path.endsWith(suffix) &&
    isBelow(path, server.home) &&
    (kind === 'file' || kind === 'symlink')
      ? [path]
      : [],
  );
}
