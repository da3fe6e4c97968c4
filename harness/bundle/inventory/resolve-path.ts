import { posix } from 'node:path';

import type { FileTree, TreeEntry } from './file-tree.ts';

/** Where a path leads inside a tree. */
export type Resolution =
  | { readonly kind: 'found'; readonly path: string; readonly entry: Exclude<TreeEntry, { kind: 'symlink' }> }
  /** `path` is the first name that is not there. */
  | { readonly kind: 'missing'; readonly path: string }
  | { readonly kind: 'loop' };

const mostLinks = 40;

/** Walks a path as a process chrooted into the tree would: links are followed, `..` stays at the root. */
export function resolvePath(tree: FileTree, path: string): Resolution {
  let links = 0;
  let done = '/';
  const rest = path.split('/').filter(Boolean);
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === '.') continue;
    if (name === '..') {
      done = posix.dirname(done);
      continue;
    }
    const next = posix.join(done, name);
    const entry = tree.entry(next);
    if (entry === undefined) return { kind: 'missing', path: next };
    if (entry.kind !== 'symlink') {
      if (rest.length > 0 && entry.kind !== 'directory') return { kind: 'missing', path: next };
      done = next;
      continue;
    }
    links += 1;
    if (links > mostLinks) return { kind: 'loop' };
    if (entry.target.startsWith('/')) done = '/';
    rest.unshift(...entry.target.split('/').filter(Boolean));
  }
  const entry = tree.entry(done);
  return entry === undefined || entry.kind === 'symlink'
    ? { kind: 'missing', path: done }
    : { kind: 'found', path: done, entry };
}

/** The real path of a file that a path leads to; undefined when it leads to none. */
export function resolveFile(tree: FileTree, path: string): string | undefined {
  const resolution = resolvePath(tree, path);
  return resolution.kind === 'found' && resolution.entry.kind === 'file' ? resolution.path : undefined;
}

/** The real path of a folder that a path leads to; undefined when it leads to none. */
export function resolveFolder(tree: FileTree, path: string): string | undefined {
  const resolution = resolvePath(tree, path);
  return resolution.kind === 'found' && resolution.entry.kind === 'directory' ? resolution.path : undefined;
}
