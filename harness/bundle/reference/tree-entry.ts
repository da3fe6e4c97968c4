/** Where the bytes of a file in the bundle come from. */
export type FileSource =
  { readonly kind: 'path'; readonly path: string } | { readonly kind: 'bytes'; readonly bytes: Buffer };

/** One name in the bundle, before it is written; `path` is relative, with `/`, without a leading or trailing one. */
export type TreeEntry =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly source: FileSource;
      readonly executable: boolean;
    };

/** A file whose content is a text. */
export function textFile(path: string, text: string): TreeEntry {
  return { kind: 'file', path, source: { kind: 'bytes', bytes: Buffer.from(text) }, executable: false };
}
