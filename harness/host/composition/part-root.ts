import type { TreeFolders } from './library-folders.ts';

/** A root of which a part is taken, with the name that the user gave it. */
export interface PartRoot {
  readonly name: string;
  readonly path: string;
  readonly key: string;
  /** Debian's code name; empty for a root that was given. */
  readonly suite: string;
  readonly packages: Readonly<Record<string, string>>;
  /** Where it keeps its libraries, if it is no root but a bundle. */
  readonly tree: TreeFolders | undefined;
}
