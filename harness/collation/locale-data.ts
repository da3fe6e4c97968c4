import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { readdir, readFile, realpath } from 'node:fs/promises';
import { join, posix } from 'node:path';

import { type CollationEnvironment, defaultLocaleDirectory, machinePath } from './environment.ts';
import { type ArchivedCollation, readLocaleArchive } from './locale-archive.ts';
import { sameLibcLocale } from './locale-name.ts';

const digestLength = 16;

/** The C library's compiled locales in an environment: folders, and what glibc's archive holds. Nothing is run. */
export class LocaleData {
  /** As the environment names them, in the order of their bytes. */
  readonly names: readonly string[];
  readonly #environment: CollationEnvironment;
  /** On the machine. */
  readonly #directory: string;
  readonly #archivePath: string;
  readonly #archived: ReadonlyMap<string, ArchivedCollation>;
  /** By the path of the file. */
  readonly #digests = new Map<string, Promise<string | null>>();

  /** Throws `locale-archive-damaged`. */
  static async open(environment: CollationEnvironment): Promise<LocaleData> {
    const { localeDirectory } = environment;
    const directory = await machinePath(environment, localeDirectory);
    const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
    const folders = entries
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(({ name }) => name);
    const path = await machinePath(environment, posix.join(localeDirectory, 'locale-archive'));
    // With LOCPATH glibc looks into folders alone.
    const archived = localeDirectory === defaultLocaleDirectory ? archiveAt(path) : new Map();
    return new LocaleData(environment, directory, folders, path, archived);
  }

  private constructor(
    environment: CollationEnvironment,
    directory: string,
    folders: readonly string[],
    archivePath: string,
    archived: ReadonlyMap<string, ArchivedCollation>,
  ) {
    this.#environment = environment;
    this.#directory = directory;
    this.#archivePath = archivePath;
    this.#archived = archived;
    const inArchive = [...archived.keys()];
    // glibc takes what is in the archive before it looks for a folder.
    const alone = folders.filter((folder) => !inArchive.some((name) => sameLibcLocale(name, folder)));
    const names = [...inArchive, ...alone];
    this.names = names.toSorted((left, right) => (left < right ? -1 : Number(left > right)));
  }

  /** A digest of the locale's LC_COLLATE; null where there is none that could be read. */
  async collationDigest(name: string): Promise<string | null> {
    const own =
      this.names.find((each) => each === name) ?? this.names.find((each) => sameLibcLocale(each, name));
    return own === undefined ? null : this.#digest(own);
  }

  async #digest(name: string): Promise<string | null> {
    const place = this.#archived.get(name);
    if (place === undefined) return this.#digestOfFile(await this.#collationPath(name));
    return digestOf(withFile(this.#archivePath, (read) => read(place.offset, place.length)));
  }

  /** Most folders have links to the few files that differ. */
  #digestOfFile(path: string): Promise<string | null> {
    const known =
      this.#digests.get(path) ??
      readFile(path).then(digestOf, (error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      });
    this.#digests.set(path, known);
    return known;
  }

  async #collationPath(name: string): Promise<string> {
    const { rootPath, localeDirectory } = this.#environment;
    const inside = posix.join(localeDirectory, name, 'LC_COLLATE');
    const real = await realpath(join(this.#directory, name, 'LC_COLLATE')).catch(() => '');
    // Absolute links begin at the root's `/`, which the machine does not know.
    return real.startsWith(`${rootPath}/`) ? real : machinePath(this.#environment, inside);
  }
}

function digestOf(bytes: Buffer | undefined): string | null {
  if (bytes === undefined) return null;
  return createHash('sha256').update(bytes).digest('hex').slice(0, digestLength);
}

function archiveAt(path: string): ReadonlyMap<string, ArchivedCollation> {
  return withFile(path, (read) => readLocaleArchive(read, path)) ?? new Map();
}

/** Undefined where there is no such file. */
function withFile<T>(
  path: string,
  use: (read: (offset: number, length: number) => Buffer) => T,
): T | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return use((offset, length) => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
    });
  } finally {
    closeSync(descriptor);
  }
}
