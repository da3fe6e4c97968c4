import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable, Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';

import { execa, ExecaError } from 'execa';

import { RedoubtError } from '../../error.ts';

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

/** The plain bytes of a tarball: the streams to put before whatever reads them. Throws `xz-missing`. */
export async function tarSource(path: string): Promise<readonly [Readable, ...Transform[]]> {
  const compression = await recogniseCompression(path);
  switch (compression) {
    case 'none':
      return [createReadStream(path)];
    case 'gzip':
      return [createReadStream(path), createGunzip()];
    case 'zstd':
      return [createReadStream(path), createZstdDecompress()];
    case 'xz':
      return [await xzOutput(path)];
  }
}

/** The error for what is no archive at all, and for a damaged or cut one. */
export function notATarball(path: string, why: string, cause?: unknown): RedoubtError {
  return new RedoubtError('usage', 'not-a-tarball', `${path} cannot be read as a tarball: ${why}`, {
    remedy: 'Give a bundle: a folder, or a whole tar file, plain or compressed with gzip, zstd or xz.',
    details: { path },
    cause,
  });
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
  return execa('xz', ['--decompress', '--stdout', '--', path], {
    buffer: false,
    encoding: 'buffer',
  }).readable();
}
