import { z } from 'zod';

import type { FileTree } from './file-tree.ts';
import { resolveFile } from './resolve-path.ts';

/** Where a bundle says what it is made of, in the form that the reference bundle has. */
const manifestPath = '/storage/manifest.json';

const word = z.string().max(200);

const schema = z.object({
  schemaVersion: z.literal(1),
  majors: z.record(
    z.string().regex(/^v\d{1,3}$/),
    z.object({
      suite: word.optional(),
      packages: z.record(word, word),
      libraries: z
        .record(
          word,
          z.object({
            package: word,
            file: word,
            // Of libraries that come from another root than the server's.
            from: word.optional(),
            version: word.optional(),
            suite: word.optional(),
          }),
        )
        .optional(),
      composition: z.object({ words: word, parts: z.record(word, word) }).optional(),
      headers: z.record(word, word).optional(),
    }),
  ),
});

/** A package that a file of the bundle came out of, as the bundle itself says. */
export interface OwningPackage {
  readonly name: string;
  readonly version: string;
  /** `debian`, and the code name of the release, for a package of a distro's; npm's have neither. */
  readonly distro: string | undefined;
  readonly suite: string | undefined;
}

/** The parts of a bundle that was put together, each with the root that it comes from. */
export interface Composed {
  /** As it was asked for: `pg=npm:17.10,libc=debian:12,icu=debian:13`. */
  readonly words: string;
  readonly parts: Readonly<Record<string, string>>;
}

/** What a bundle says of where its files came from; by major (`v17`). */
export interface PackageManifest {
  readonly packagesOf: (major: number) => readonly OwningPackage[];
  /** Whose server, libc, locales and libicu were put together, where they are not of one root. */
  readonly compositionOf: (major: number) => Composed | undefined;
  /** The package of a library by the name under which it is looked for, and the name of its file there. */
  readonly libraryOf: (
    major: number,
    library: string,
  ) => { readonly owner: OwningPackage; readonly file: string } | undefined;
}

/** Reads a bundle's own manifest; one that is not there, or not in this form, says nothing. It is believed, not checked. */
export function readPackageManifest(tree: FileTree): PackageManifest {
  const real = resolveFile(tree, manifestPath);
  const content = real === undefined ? undefined : tree.content(real);
  const parsed = content?.kind === 'text' ? parse(content.text) : undefined;
  const ofMajor = (major: number): z.infer<typeof schema>['majors'][string] | undefined =>
    parsed?.majors[`v${String(major)}`];
  const owner = (major: number, name: string): OwningPackage => {
    const found = ofMajor(major);
    const isDebian = !name.startsWith('@');
    return {
      name,
      version: found?.packages[name] ?? 'unknown',
      distro: isDebian ? 'debian' : undefined,
      suite: isDebian ? found?.suite : undefined,
    };
  };
  return {
    packagesOf: (major) => Object.keys(ofMajor(major)?.packages ?? {}).map((name) => owner(major, name)),
    compositionOf: (major) => ofMajor(major)?.composition,
    libraryOf: (major, library) => {
      const libraries = ofMajor(major)?.libraries ?? {};
      const found = Object.hasOwn(libraries, library) ? libraries[library] : undefined;
      if (found === undefined || found.package === 'unknown') return undefined;
      const { package: name, file, from, version = 'unknown', suite } = found;
      if (from === undefined) return { owner: owner(major, name), file };
      const distro = suite === undefined ? undefined : 'debian';
      return { owner: { name, version, distro, suite }, file };
    },
  };
}

function parse(text: string): z.infer<typeof schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
