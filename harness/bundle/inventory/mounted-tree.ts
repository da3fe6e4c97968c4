import type { FileContent, FileTree, TreeEntry } from './file-tree.ts';

/** One tree inside another, as a mount shows it: a bundle in a host's root. */
export class MountedTree implements FileTree {
  readonly #host: FileTree;
  readonly #mounted: FileTree;
  readonly #point: string;

  /** `point` is a folder right below the root: `/bundle`. */
  constructor(host: FileTree, mounted: FileTree, point: string) {
    this.#host = host;
    this.#mounted = mounted;
    this.#point = point;
  }

  readonly entry = (path: string): TreeEntry | undefined => {
    const within = this.#within(path);
    if (within !== undefined) return this.#mounted.entry(within);
    const entry = this.#host.entry(path);
    return path === '/' && entry?.kind === 'directory'
      ? { ...entry, names: [...new Set([...entry.names, this.#point.slice(1)])].toSorted() }
      : entry;
  };

  readonly content = (path: string): FileContent => {
    const within = this.#within(path);
    return within === undefined ? this.#host.content(path) : this.#mounted.content(within);
  };

  #within(path: string): string | undefined {
    if (path === this.#point) return '/';
    return path.startsWith(`${this.#point}/`) ? path.slice(this.#point.length) : undefined;
  }
}
