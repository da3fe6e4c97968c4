/** The `from` of a library that was made for the composition. */
export const generatedBy = 'redoubt';

/** A library in a composed root that the server's root did not have. */
export interface BroughtLibrary {
  /** Inside the composed root. */
  readonly path: string;
  /** The name of the root that it comes from; `redoubt` for what was generated. */
  readonly from: string;
  /** The name of its file there. */
  readonly file: string;
  /** The package that it belongs to there, where dpkg's records tell. */
  readonly package: { readonly name: string; readonly version: string; readonly suite: string } | null;
  /** `symbol@VERSION` that it was linked against and now takes in the version of the root's libc. */
  readonly rebound: readonly string[];
  /** Functions that the root lacks, and that are made of others for it. */
  readonly shimmed: readonly string[];
}

/** A library that was made for the composition. */
export function generatedLibrary(path: string): BroughtLibrary {
  const file = path.slice(path.lastIndexOf('/') + 1);
  return { path, from: generatedBy, file, package: null, rebound: [], shimmed: [] };
}
