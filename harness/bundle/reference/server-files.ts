import type { RootRecipe } from '../../host/debian/root-recipe.ts';
import { npmServerDirectory } from '../../host/npm/npm-server-root.ts';

/** Where a compute root has the parts of its server; and where they go, so that the server finds them by its own path. */
export interface ServerFiles {
  /** Folder of `postgres` and `initdb` in the root. */
  readonly programs: string;
  /** Folder of the loadable modules: in the root, and below the major's folder of the bundle. */
  readonly modules: FilePlace;
  readonly share: FilePlace;
  /** Folder of libraries that the server brings along; the root's own are looked at after it. */
  readonly ownLibraries: string | undefined;
  /** The time zones of the root's libc, which Debian's servers use; npm's have their own among the share files. */
  readonly zones: string | undefined;
}

/** A folder in a compute root, and what becomes of it below `storage/vNN`. */
export interface FilePlace {
  readonly from: string;
  readonly to: string;
}

/** The server of a major in a root that was made by `recipe`. */
export function serverFiles(recipe: RootRecipe, major: number): ServerFiles {
  if (recipe.kind === 'composed') return serverFiles(recipe.server, major);
  const installation = `lib/postgresql/${major}`;
  if (recipe.kind === 'debian') {
    return {
      programs: `/usr/${installation}/bin`,
      modules: { from: `/usr/${installation}/lib`, to: `${installation}/lib` },
      share: { from: `/usr/share/postgresql/${major}`, to: `share/postgresql/${major}` },
      ownLibraries: undefined,
      zones: '/usr/share/zoneinfo',
    };
  }
  const from = npmServerDirectory(major);
  return {
    programs: `${from}/bin`,
    modules: { from: `${from}/lib/postgresql`, to: `${installation}/lib/postgresql` },
    share: { from: `${from}/share/postgresql`, to: `${installation}/share/postgresql` },
    ownLibraries: `${from}/lib`,
    zones: undefined,
  };
}
