import { closeSync, lstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { RedoubtError } from '../error.ts';
import { systemError } from '../host/system-error.ts';

/** One fork of one relation, and how many 8 KiB blocks it has. */
export interface ForkFile {
  readonly spcOid: number;
  readonly dbOid: number;
  readonly relNumber: number;
  /** 0 main, 1 fsm, 2 vm, 3 init (common/relpath.h, majors 14 to 18). */
  readonly forkNumber: number;
  readonly blocks: number;
}

/** Which page: the fields of a RelFileLocator, the fork, the block. */
export interface PageAddress {
  readonly spcOid: number;
  readonly dbOid: number;
  readonly relNumber: number;
  readonly forkNumber: number;
  readonly blockNumber: number;
}

const pageSizeBytes = 8192;
const defaultTablespaceOid = 1663;
const globalTablespaceOid = 1664;
const forkNumbers: Readonly<Record<string, number>> = { fsm: 1, vm: 2, init: 3 };

/** `RELATION[_FORK][.SEGMENT]`; files of temporary relations (`tN_RELATION`) do not match, and WAL knows nothing of them. */
const relationFileName = /^(\d+)(?:_(fsm|vm|init))?(?:\.(\d+))?$/;

/** A folder with the files of one database in one tablespace. */
interface DatabaseFolder {
  readonly path: string;
  readonly spcOid: number;
  readonly dbOid: number;
}

interface Fork extends ForkFile {
  /** Path of its first segment. */
  readonly path: string;
}

/** How a data directory is laid out and read. */
export interface DataDirectoryOptions {
  /** pg_control's `relseg_size`; by default 131072, which is 1 GiB. */
  readonly relationSegmentBlocks?: number;
  readonly maxOpenFiles?: number;
}

/**
 * The pages of a data directory at rest (`base/`, `global/`, tablespaces in `pg_tblspc/`), across segment files; a
 * bounded number of files is open at a time, and disposing it closes them. Nothing may write to the directory meanwhile. The constructor throws
 * `relation-file-length`, `relation-segment-missing` or `tablespace-unsupported` (infrastructure).
 */
export class DataDirectoryPages implements Disposable {
  readonly #segmentBlocks: number;
  readonly #forks: readonly Fork[];
  readonly #databases: readonly (readonly [number, number])[];
  readonly #byKey: ReadonlyMap<string, Fork>;
  readonly #files: OpenFiles;
  readonly #page = Buffer.alloc(pageSizeBytes);

  constructor(directory: string, options: DataDirectoryOptions = {}) {
    this.#segmentBlocks = options.relationSegmentBlocks ?? 131_072;
    const folders = databaseFolders(directory);
    this.#forks = listForks(folders, this.#segmentBlocks);
    this.#databases = folders.slice(1).map(({ spcOid, dbOid }) => [spcOid, dbOid]);
    this.#byKey = new Map(this.#forks.map((fork) => [forkKey(fork), fork]));
    this.#files = new OpenFiles(options.maxOpenFiles ?? 64);
  }

  /** The folders of databases, one for each tablespace that they have relations in; `global` is none. */
  databases(): readonly (readonly [spcOid: number, dbOid: number])[] {
    return this.#databases;
  }

  /** All forks, by tablespace, database, relation and fork. */
  forks(): readonly ForkFile[] {
    return this.#forks;
  }

  /**
   * The page's 8192 bytes, or undefined when the fork is shorter or absent. The buffer is overwritten by the next call.
   * Throws `relation-file-short` when the file was cut since this was made.
   */
  readPage(address: PageAddress): Buffer | undefined {
    const fork = this.#byKey.get(forkKey(address));
    if (fork === undefined || address.blockNumber >= fork.blocks) return undefined;
    const segment = Math.floor(address.blockNumber / this.#segmentBlocks);
    const path = segment === 0 ? fork.path : `${fork.path}.${String(segment)}`;
    this.#files.read(path, this.#page, (address.blockNumber % this.#segmentBlocks) * pageSizeBytes);
    return this.#page;
  }

  [Symbol.dispose](): void {
    this.#files.closeAll();
  }
}

function forkKey(fork: Pick<ForkFile, 'spcOid' | 'dbOid' | 'relNumber' | 'forkNumber'>): string {
  return `${String(fork.spcOid)}/${String(fork.dbOid)}/${String(fork.relNumber)}/${String(fork.forkNumber)}`;
}

function listForks(folders: readonly DatabaseFolder[], relationSegmentBlocks: number): readonly Fork[] {
  const forks = folders.flatMap((folder) => listFolder(folder, relationSegmentBlocks));
  return forks.toSorted(
    (left, right) =>
      left.spcOid - right.spcOid ||
      left.dbOid - right.dbOid ||
      left.relNumber - right.relNumber ||
      left.forkNumber - right.forkNumber,
  );
}

function listFolder(
  { path: folder, spcOid, dbOid }: DatabaseFolder,
  relationSegmentBlocks: number,
): readonly Fork[] {
  const names = readFolder(folder)
    .map((name) => relationFileName.exec(name))
    .filter((match) => match !== null);
  const segments = new Set(names.filter((match) => match[3] !== undefined).map((match) => match[0]));
  const forks = names
    .filter((match) => match[3] === undefined)
    .map((match) => {
      const path = join(folder, match[0]);
      let blocks = countBlocks(path, relationSegmentBlocks);
      for (let segment = 1; segments.delete(`${match[0]}.${String(segment)}`); segment++) {
        const segmentPath = `${path}.${String(segment)}`;
        const more = countBlocks(segmentPath, relationSegmentBlocks);
        // Truncation leaves empty segments behind the last one that counts (storage/smgr/md.c, mdtruncate).
        if (more > 0 && blocks !== segment * relationSegmentBlocks) {
          throw damaged(
            'relation-segment-missing',
            segmentPath,
            'holds pages, but the segment before it is not full',
          );
        }
        blocks += more;
      }
      const forkNumber = match[2] === undefined ? 0 : (forkNumbers[match[2]] ?? 0);
      return { spcOid, dbOid, relNumber: Number(match[1]), forkNumber, blocks, path };
    });
  const [orphan] = segments;
  if (orphan !== undefined) {
    throw damaged('relation-segment-missing', join(folder, orphan), 'is there without the segment before it');
  }
  return forks;
}

function countBlocks(path: string, relationSegmentBlocks: number): number {
  const size = sizeOf(path);
  if (size % pageSizeBytes !== 0) {
    throw damaged('relation-file-length', path, `has ${String(size)} bytes, not whole pages of 8192`);
  }
  if (size > relationSegmentBlocks * pageSizeBytes) {
    throw damaged('relation-file-length', path, `has ${String(size)} bytes, more than a segment holds`);
  }
  return size / pageSizeBytes;
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch (error) {
    throw systemError(`cannot examine ${path}`, error);
  }
}

/**
 * The databases' folders of all tablespaces: `base/DB`, `global`, and `pg_tblspc/SPC/PG_MAJOR_CATALOGVERSION/DB`
 * (common/relpath.c, majors 14 to 18). Only tablespaces inside the data directory (allow_in_place_tablespaces) are read: a
 * link leads outside of it.
 */
function databaseFolders(directory: string): readonly DatabaseFolder[] {
  const folders: DatabaseFolder[] = [
    { path: join(directory, 'global'), spcOid: globalTablespaceOid, dbOid: 0 },
    ...databasesIn(join(directory, 'base'), defaultTablespaceOid),
  ];
  const tablespaces = join(directory, 'pg_tblspc');
  for (const name of readFolder(tablespaces)) {
    const path = join(tablespaces, name);
    if (!/^\d+$/.test(name) || !isFolder(path)) {
      throw damaged('tablespace-unsupported', path, 'is no tablespace inside the data directory');
    }
    for (const version of readFolder(path)) {
      folders.push(...databasesIn(join(path, version), Number(name)));
    }
  }
  return folders;
}

/** `pgsql_tmp` and the like are no databases. */
function databasesIn(path: string, spcOid: number): readonly DatabaseFolder[] {
  return readFolder(path)
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ path: join(path, name), spcOid, dbOid: Number(name) }));
}

function isFolder(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch (error) {
    throw systemError(`cannot examine ${path}`, error);
  }
}

function readFolder(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    throw systemError(`cannot list ${path}`, error);
  }
}

function damaged(code: string, path: string, why: string): RedoubtError {
  return new RedoubtError('infrastructure', code, `${path} ${why}`, {
    remedy: 'Make the data directory again.',
    details: { path },
  });
}

/** Open files, the least recently used closed first: a Map keeps the order in which its keys were set. */
class OpenFiles {
  readonly #descriptors = new Map<string, number>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  read(path: string, into: Buffer, position: number): void {
    let length: number;
    try {
      length = readSync(this.#open(path), into, 0, into.length, position);
    } catch (error) {
      throw systemError(`cannot read ${path}`, error);
    }
    if (length !== into.length) {
      throw damaged('relation-file-short', path, `ends within the page at byte ${String(position)}`);
    }
  }

  closeAll(): void {
    for (const descriptor of this.#descriptors.values()) closeSync(descriptor);
    this.#descriptors.clear();
  }

  #open(path: string): number {
    const known = this.#descriptors.get(path);
    const descriptor = known ?? openSync(path, 'r');
    this.#descriptors.delete(path);
    this.#descriptors.set(path, descriptor);
    const [oldest] = this.#descriptors;
    if (this.#descriptors.size > this.#most && oldest !== undefined) {
      closeSync(oldest[1]);
      this.#descriptors.delete(oldest[0]);
    }
    return descriptor;
  }
}
