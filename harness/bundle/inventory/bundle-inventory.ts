import { posix } from 'node:path';

import type { ElfFacts, ElfFile } from '../../host/elf/elf-facts.ts';
import type { BundleLayout } from '../layout.ts';
import { isTelling } from './file-content.ts';
import { type ElfTraits, type FileTree, type TreeEntry, walkTree } from './file-tree.ts';
import type { ServerFacts } from './server-facts.ts';

/** A file of the bundle that the machine can run or load. */
export interface ElfAt {
  readonly path: string;
  readonly elf: ElfFile;
  readonly traits: ElfTraits;
}

/** The server of one major: where it lies, and the folder that is that major's alone. */
export interface ServerAt {
  readonly path: string;
  readonly facts: ServerFacts;
  readonly elf: ElfFacts;
  /** The highest folder on the way to the server in which no other major has its own. */
  readonly home: string;
}

/** Everything that lies in a bundle, by its paths inside (`/storage/v17`), looked at and not executed. */
export interface BundleInventory {
  readonly layout: BundleLayout;
  readonly tree: FileTree;
  /** Every name, in the order of the paths' folders. */
  readonly entries: ReadonlyMap<string, TreeEntry>;
  readonly elves: readonly ElfAt[];
  readonly damaged: readonly { readonly path: string; readonly reason: string }[];
  /** Files that begin with `#!` and may be run. */
  readonly scripts: readonly { readonly path: string; readonly interpreter: string }[];
  /** By major. */
  readonly servers: ReadonlyMap<number, ServerAt>;
}

/** Looks at everything in a bundle once. Throws what reading the tree throws; a hostile content is a finding, not an error. */
export function takeInventory(layout: BundleLayout, tree: FileTree): BundleInventory {
  const entries = new Map(walkTree(tree));
  const elves: ElfAt[] = [];
  const damaged: { path: string; reason: string }[] = [];
  const scripts: { path: string; interpreter: string }[] = [];
  for (const [path, entry] of entries) {
    if (entry.kind !== 'file' || !isTelling(path, entry.mode)) continue;
    const content = tree.content(path);
    if (content.kind === 'elf') elves.push({ path, elf: content.elf, traits: content.traits });
    else if (content.kind === 'damaged-elf') damaged.push({ path, reason: content.reason });
    else if (content.kind === 'script' && (entry.mode & 0o111) !== 0)
      scripts.push({ path, interpreter: content.interpreter });
  }
  return { layout, tree, entries, elves, damaged, scripts, servers: findServers(elves) };
}

/**
 * Whether a path belongs to a major: what lies in another major's folder does not; what lies in none belongs to all. A
 * bundle in which no server of the major was found has no folder of it.
 */
export function isOfMajor({ servers }: BundleInventory, major: number, path: string): boolean {
  const home = servers.get(major)?.home;
  if (home !== undefined && isBelow(path, home)) return true;
  return ![...servers.values()].some((other) => other.home !== '/' && isBelow(path, other.home));
}

/** Whether a path lies in a folder, or is it. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}

/** The path as people write it: without the leading slash. */
export function shown(path: string): string {
  return path === '/' ? path : path.replace(/^\//, '');
}

function findServers(elves: readonly ElfAt[]): ReadonlyMap<number, ServerAt> {
  const found = elves.flatMap(({ path, elf, traits: { server } }) =>
    server === undefined || elf.kind === 'foreign' ? [] : [{ path, facts: server, elf: elf.facts }],
  );
  const servers = new Map<number, ServerAt>();
  for (const { path, facts, elf } of found) {
    if (servers.has(facts.major)) continue;
    const others = found.filter((other) => other.facts.major !== facts.major);
    let home = posix.dirname(path);
    while (home !== '/' && !others.some((other) => isBelow(other.path, posix.dirname(home))))
      home = posix.dirname(home);
    servers.set(facts.major, { path, facts, elf, home });
  }
  return servers;
}
