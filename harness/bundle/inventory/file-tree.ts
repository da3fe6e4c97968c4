import type { ElfFile } from '../../host/elf/elf-facts.ts';
import type { ServerFacts } from './server-facts.ts';

/** What a file holds, as far as anything here asks for it. */
export type FileContent =
  | { readonly kind: 'elf'; readonly elf: ElfFile; readonly traits: ElfTraits }
  /** Begins like an ELF file and contradicts itself. */
  | { readonly kind: 'damaged-elf'; readonly reason: string }
  /** `#!`: the program and the one argument that the kernel takes, and the text when it is short. */
  | { readonly kind: 'script'; readonly interpreter: string; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  /** A compiled time zone. */
  | { readonly kind: 'time-zone' }
  | { readonly kind: 'other' };

/** What the strings inside an ELF file tell. */
export interface ElfTraits {
  /** Undefined when it is no server of PostgreSQL. */
  readonly server: ServerFacts | undefined;
  /** The version of GNU libc, if it is that: `2.41`, with the distro's word `Debian GLIBC 2.41-12+deb13u4`. */
  readonly libc: { readonly version: string; readonly words: string } | undefined;
  /** How PostgreSQL prints the version of the root collation, if this is ICU's data: `153.120`. */
  readonly icuRootVersion: string | undefined;
  /** The version that a library bears inside, where there is one to be read: of OpenSSL and zlib. */
  readonly ownVersion: string | undefined;
  /** Libraries whose names stand in a file that opens libraries by name. */
  readonly namesLibraries: readonly string[];
  /** Folders that stand in a dynamic loader: where it looks when nothing else tells. */
  readonly loaderFolders: readonly string[];
}

/** One name in a tree. */
export type TreeEntry =
  | { readonly kind: 'directory'; readonly mode: number; readonly names: readonly string[] }
  | { readonly kind: 'symlink'; readonly target: string }
  | { readonly kind: 'file'; readonly mode: number; readonly sizeBytes: number }
  /** Device node, socket or pipe. */
  | { readonly kind: 'special' };

/**
 * A tree of files that is looked at and never executed: a bundle or a host's root. Paths are absolute inside the tree, in
 * normal form (`/storage/v17`), and go through no link: `resolvePath` walks links.
 */
export interface FileTree {
  /** The name itself, a link not followed; undefined when there is none, or when a part of the path is no folder. */
  readonly entry: (path: string) => TreeEntry | undefined;
  /** What the file at a path holds; `other` for anything that is no file. */
  readonly content: (path: string) => FileContent;
}

/** Everything in a tree below a folder, depth first, in the order of the names. */
export function* walkTree(tree: FileTree, folder = '/'): Generator<readonly [string, TreeEntry]> {
  const entry = tree.entry(folder);
  if (entry?.kind !== 'directory') return;
  for (const name of entry.names) {
    const path = folder === '/' ? `/${name}` : `${folder}/${name}`;
    const below = tree.entry(path);
    if (below === undefined) continue;
    yield [path, below];
    if (below.kind === 'directory') yield* walkTree(tree, path);
  }
}
