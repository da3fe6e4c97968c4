import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { type Duplex, Transform, type TransformCallback, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip, createZstdCompress } from 'node:zlib';

import { pack, type Pack } from 'tar-stream';

import { RedoubtError } from '../../error.ts';
import { interruption } from '../../host/interruption.ts';
import { digestFiles } from '../digest.ts';
import type { TreeEntry } from './tree-entry.ts';

/** Files of one identity are one file with several names. */
type IdentifiedEntry = TreeEntry & { readonly identity?: string };

type EntryHeader = Parameters<Pack['entry']>[0];

const epoch = new Date(0);

/**
 * Writes entries as a tarball, compressed with zstd, or with gzip when `out` ends in `.gz` or `.tgz`. The same entries
 * give the same bytes: sorted names, no times, no owners, fixed compressor settings. Returns the file's SHA-256.
 */
export async function writeTarball(entries: readonly TreeEntry[], out: string): Promise<string> {
  const archive = pack();
  const digest = createHash('sha256');
  const compressor = /\.(gz|tgz)$/.test(out)
    ? createGzip({ level: 6 })
    : createZstdCompress({
        params: {
          [constants.ZSTD_c_compressionLevel]: 3,
          [constants.ZSTD_c_checksumFlag]: 1,
        },
      });
  const ready = await withIdentities(withFolders(entries));
  const filling = fill(archive, ready).catch((error: unknown) => {
    archive.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  });
  const writing = [
    pipeline(archive, feeding(compressor), { signal: interruption }),
    pipeline(compressor, hashing(digest), createWriteStream(out), { signal: interruption }),
  ];
  await Promise.all([filling, ...writing]);
  return digest.digest('hex');
}

/** Sorted by name, with every folder on the way, and each name once. */
function withFolders(entries: readonly TreeEntry[]): readonly TreeEntry[] {
  const byPath = new Map<string, TreeEntry>();
  for (const entry of entries) {
    for (let at = entry.path.indexOf('/'); at > 0; at = entry.path.indexOf('/', at + 1)) {
      const path = entry.path.slice(0, at);
      if (!byPath.has(path)) byPath.set(path, { kind: 'directory', path });
    }
    if (entry.kind !== 'directory' && byPath.has(entry.path)) {
      throw new RedoubtError(
        'infrastructure',
        'bundle-name-twice',
        `the bundle would hold ${entry.path} twice`,
      );
    }
    byPath.set(entry.path, entry);
  }
  return [...byPath.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Equal files become one file with several names: the locales of two majors are largely the same. Without run bits and
 * owners nothing else tells them apart.
 */
async function withIdentities(entries: readonly TreeEntry[]): Promise<readonly IdentifiedEntry[]> {
  const paths = entries.flatMap((entry) =>
    entry.kind === 'file' && entry.source.kind === 'path' ? [entry.source.path] : [],
  );
  const digests = (await digestFiles(paths)).values();
  return entries.map((entry) => {
    if (entry.kind !== 'file' || entry.source.kind !== 'path') return entry;
    return { ...entry, identity: `${digests.next().value ?? ''}${entry.executable ? 'x' : '-'}` };
  });
}

async function fill(archive: Pack, entries: readonly IdentifiedEntry[]): Promise<void> {
  const firstNames = new Map<string, string>();
  for (const entry of entries) {
    const common = {
      name: entry.path,
      mtime: epoch,
      uid: 0,
      gid: 0,
      uname: '',
      gname: '',
    } satisfies EntryHeader;
    if (entry.kind === 'directory') {
      await put(archive, { ...common, name: `${entry.path}/`, type: 'directory', mode: 0o755 });
      continue;
    }
    if (entry.kind === 'symlink') {
      await put(archive, { ...common, type: 'symlink', linkname: entry.target, mode: 0o777 });
      continue;
    }
    const mode = entry.executable ? 0o755 : 0o644;
    const { identity } = entry;
    const firstName = identity === undefined ? undefined : firstNames.get(identity);
    if (firstName !== undefined) {
      await put(archive, { ...common, type: 'link', linkname: firstName, mode });
      continue;
    }
    if (identity !== undefined) firstNames.set(identity, entry.path);
    if (entry.source.kind === 'bytes') {
      await put(archive, { ...common, type: 'file', mode }, entry.source.bytes);
    } else {
      const { size } = await lstat(entry.source.path);
      await putStream(archive, { ...common, type: 'file', mode, size }, entry.source.path);
    }
  }
  archive.finalize();
}

function put(archive: Pack, header: EntryHeader, bytes?: Buffer): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const done = (error?: Error | null): void => (error ? reject(error) : resolve());
  if (bytes === undefined) archive.entry(header, done);
  else archive.entry(header, bytes, done);
  return promise;
}

async function putStream(archive: Pack, header: EntryHeader, path: string): Promise<void> {
  await pipeline(createReadStream(path), archive.entry(header));
}

/**
 * Node's compressors close the frame with the last bytes if they know by then that these are the last, and then zstd adds
 * an empty frame: the same entries would give other bytes by chance. So the end is told when all before it is compressed.
 */
function feeding(compressor: Duplex): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, callback): void {
      compressor.write(chunk, callback);
    },
    final(callback): void {
      compressor.end(callback);
    },
    destroy(error, callback): void {
      if (error !== null) compressor.destroy(error);
      callback(error);
    },
  });
}

function hashing(digest: ReturnType<typeof createHash>): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, callback: TransformCallback): void {
      digest.update(chunk);
      callback(null, chunk);
    },
  });
}
