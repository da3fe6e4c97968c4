import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Dirent,
} from 'node:fs';
import { join } from 'node:path';

import { RedoubtError } from '../error.ts';
import { systemError } from '../host/system-error.ts';

export type EntryKind = 'file' | 'link' | 'folder' | 'pipe, socket or device';

export interface TreeEntry {
  readonly kind: EntryKind;
  /** Of a file; 0 for others. */
  readonly sizeBytes: number;
  /** Who may do what, in octal: `0700`. */
  readonly mode: string;
}

/** No file of a new cluster, a WAL segment of the largest size apart, is nearly as large. */
const mostBytesToRead = 256 * 2 ** 20;
const chunkBytes = 2 ** 20;

/**
 * A folder that a bundle's program made, at rest: it is read with suspicion, no link is followed and nothing but files is
 * opened. Each file is digested once, however often it is compared.
 */
export class DataTree {
  readonly root: string;
  /** By path relative to the root, in order. */
  readonly entries: ReadonlyMap<string, TreeEntry>;
  readonly #digests = new Map<string, string>();

  /** Throws what listing a folder throws. */
  constructor(root: string) {
    this.root = root;
    this.entries = listTree(root);
  }

  /** SHA-256 of a file. */
  digest(path: string): string {
    const known = this.#digests.get(path);
    if (known !== undefined) return known;
    const hash = createHash('sha256');
    for (const chunk of this.#chunks(path)) hash.update(chunk);
    const digest = hash.digest('hex');
    this.#digests.set(path, digest);
    return digest;
  }

  /** SHA-256 over the names and contents of all files but for those in which each cluster differs from every other. */
  clusterDigest(): string {
    const hash = createHash('sha256');
    for (const [path, { kind }] of this.entries) {
      if (kind === 'file' && !/^(?:global\/pg_control$|pg_wal\/|pg_stat\/)/.test(path))
        hash.update(`${path}\0${this.digest(path)}\0`);
    }
    return hash.digest('hex');
  }

  /** A file's bytes; undefined when the path is no file. Throws `file-too-large` (infrastructure) beyond 256 MiB. */
  read(path: string): Buffer | undefined {
    const entry = this.entries.get(path);
    if (entry?.kind !== 'file') return undefined;
    if (entry.sizeBytes > mostBytesToRead) {
      throw new RedoubtError(
        'infrastructure',
        'file-too-large',
        `${path} has ${String(entry.sizeBytes)} bytes, which is more than is looked into`,
        { details: { path, bytes: entry.sizeBytes } },
      );
    }
    return Buffer.concat([...this.#chunks(path)].map((chunk) => Buffer.from(chunk)));
  }

  /** Where a link leads. */
  linkTarget(path: string): string {
    return readlinkSync(join(this.root, path));
  }

  /** Pieces of a file; each is overwritten by the next. */
  *#chunks(path: string): Generator<Buffer> {
    // Between listing and opening nothing runs that could swap a file for a link; should it, opening fails.
    const descriptor = openFile(join(this.root, path));
    try {
      const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, fstatSync(descriptor).size || 1));
      for (;;) {
        const length = readSync(descriptor, chunk, 0, chunk.length, null);
        if (length === 0) return;
        yield chunk.subarray(0, length);
      }
    } finally {
      closeSync(descriptor);
    }
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw systemError(`cannot read ${path}`, error);
  }
}

function listTree(root: string): ReadonlyMap<string, TreeEntry> {
  try {
    const listed = [...walk(root, '')];
    return new Map(listed.toSorted(([left], [right]) => (left < right ? -1 : 1)));
  } catch (error) {
    throw systemError(`cannot list ${root}`, error);
  }
}

/** Its own recursion, since that of readdirSync follows links to folders. */
function* walk(root: string, folder: string): Generator<readonly [string, TreeEntry]> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const kind = kindOf(entry);
    const { size, mode } = lstatSync(join(root, path));
    yield [path, { kind, sizeBytes: kind === 'file' ? size : 0, mode: octal(mode) }];
    if (kind === 'folder') yield* walk(root, path);
  }
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

function kindOf(entry: Dirent): EntryKind {
  if (entry.isDirectory()) return 'folder';
  if (entry.isSymbolicLink()) return 'link';
  return entry.isFile() ? 'file' : 'pipe, socket or device';
}
