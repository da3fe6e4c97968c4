import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable, Transform } from 'node:stream';
import { createGunzip, createZstdDecompress, zstdDecompressSync } from 'node:zlib';

import { execa, ExecaError } from 'execa';

import { RedoubtError } from '../../error.ts';
import { notATarball } from './not-a-tarball.ts';

/** Eight times what the largest preset takes; a file may ask for 4 GiB. */
const xzMemoryLimit = '--memlimit-decompress=512MiB';

/** Of what a decompressor left, more than it would be worth to look at. */
const mostRestBytes = 64 * 1024;

export type Compression = 'none' | 'gzip' | 'zstd' | 'xz';

interface Magic {
  readonly compression: Compression;
  readonly offsetBytes: number;
  readonly bytes: Buffer;
}

const magics: readonly Magic[] = [
  { compression: 'gzip', offsetBytes: 0, bytes: Buffer.from([0x1f, 0x8b]) },
  { compression: 'zstd', offsetBytes: 0, bytes: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]) },
  { compression: 'xz', offsetBytes: 0, bytes: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) },
  // The mark of both POSIX and GNU tar.
  { compression: 'none', offsetBytes: 257, bytes: Buffer.from('ustar') },
];

/** How a tarball is compressed, by its first bytes and never by its name. Throws `not-a-tarball`. */
export async function recogniseCompression(path: string): Promise<Compression> {
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
  const head = buffer.subarray(0, bytesRead);
  const magic = magics.find(({ bytes, offsetBytes }) =>
    head.subarray(offsetBytes, offsetBytes + bytes.length).equals(bytes),
  );
  if (magic !== undefined) return magic.compression;
  // A tar without any entry is nothing but its end.
  if (bytesRead === 512 && head.every((byte) => byte === 0)) return 'none';
  throw notATarball(path, bytesRead === 0 ? 'it is empty' : 'it begins like no tar, gzip, zstd or xz file');
}

/** The plain bytes of a tarball. */
export interface TarSource {
  /** To be put before whatever reads them. */
  readonly streams: readonly [Readable, ...Transform[]];
  /** When they have come to their end: the error for what the file holds behind them, if it holds anything. */
  readonly faultOfRest: () => RedoubtError | undefined;
}

/** A bundle is hundreds of megabytes: in small pieces they take twice the time. */
const chunkBytes = 2 ** 20;

function openFile(path: string): Readable {
  return createReadStream(path, { highWaterMark: chunkBytes });
}

/** Opens a tarball. Throws `not-a-tarball` and `xz-missing`. */
export async function tarSource(path: string): Promise<TarSource> {
  const compression = await recogniseCompression(path);
  switch (compression) {
    case 'none':
      return { streams: [openFile(path)], faultOfRest: () => undefined };
    case 'gzip': {
      const gunzip = createGunzip({ chunkSize: chunkBytes });
      return {
        streams: [openFile(path), gunzip],
        faultOfRest: () => faultOfRest(path, gunzip.bytesWritten, (rest) => rest.length === 0),
      };
    }
    case 'zstd': {
      const decompress = createZstdDecompress({ chunkSize: chunkBytes });
      return {
        streams: [openFile(path), decompress],
        faultOfRest: () => faultOfRest(path, decompress.bytesWritten, isEmptyZstd),
      };
    }
    case 'xz':
      // Reads streams to the end of the file, and says so when something else follows.
      return { streams: [await xzOutput(path)], faultOfRest: () => undefined };
  }
}

/** What a decompressor left of a file is as if it were not there: it must be nothing. */
function faultOfRest(
  path: string,
  takenBytes: number,
  isNothing: (rest: Buffer) => boolean,
): RedoubtError | undefined {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const rest = Buffer.alloc(Math.min(size - takenBytes, mostRestBytes));
    readSync(file, rest, 0, rest.length, takenBytes);
    if (size - takenBytes === rest.length && isNothing(rest)) return undefined;
    const where = `byte ${String(takenBytes)} of ${String(size)}`;
    const why = `its compressed data end at ${where}, and what follows is no part of them: compress it in one piece`;
    return notATarball(path, why);
  } finally {
    closeSync(file);
  }
}

/** Whether it is zstd frames without data, one of which Node's own compressor leaves at the end. */
function isEmptyZstd(bytes: Buffer): boolean {
  try {
    for (let rest = bytes; rest.length > 0;) {
      const { buffer, engine } = zstdDecompressSync(rest, { info: true }) as unknown as ZstdOutput;
      if (buffer.length > 0 || engine.bytesWritten === 0) return false;
      rest = rest.subarray(engine.bytesWritten);
    }
    return true;
  } catch {
    // No zstd, so not empty zstd.
    return false;
  }
}

/** What zlib's functions return with `info`, which its types leave out. */
interface ZstdOutput {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/** Node has no xz of its own. */
async function xzOutput(path: string): Promise<Readable> {
  try {
    await execa('xz', ['--version']);
  } catch (error) {
    if (!(error instanceof ExecaError) || error.code !== 'ENOENT') throw error;
    throw new RedoubtError(
      'usage',
      'xz-missing',
      `${path} is compressed with xz, and there is no xz program here`,
      {
        remedy: 'Install it (Debian: apt-get install xz-utils), or give the bundle as .tar.zst or .tar.gz.',
        details: { path },
        cause: error,
      },
    );
  }
  return execa('xz', ['--decompress', '--stdout', xzMemoryLimit, '--', path], {
    buffer: { stdout: false, stderr: true },
    encoding: 'buffer',
    // Its words are read by people and by this module.
    env: { LC_ALL: 'C' },
  }).readable();
}
