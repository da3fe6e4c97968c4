import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, gzipSync, zstdCompressSync } from 'node:zlib';

import { test } from '@japa/runner';
import { execa } from 'execa';

import { unpack } from '../../../harness/host/archive/unpack.ts';
import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { file, launcher, makeWatched } from '../support/hostile-archive.ts';
import { paxHeader, rawTar } from '../support/raw-tar.ts';
import { rejection } from '../support/rejection.ts';
import { treeDigest } from '../support/tree-digest.ts';

/* Archives that are cut, damaged, go on behind their end, or grow: and those that only look like it. */

interface DamagedArchive {
  readonly what: string;
  readonly bytes: () => Buffer | Promise<Buffer>;
  readonly code: string;
  readonly why: RegExp;
}

const sound = rawTar(launcher, file('last', 'x'.repeat(700)));
const halves = [sound.subarray(0, 1300), sound.subarray(1300)] as const;
const hidden = rawTar(file('hidden'));
/** A frame of zstd that holds no data (RFC 8878, 3.1.2). */
const skippableFrame = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);
const bombBytes = 66 * 2 ** 20;

const damaged: readonly DamagedArchive[] = [
  {
    what: 'cut in the first header',
    bytes: () => sound.subarray(0, 300),
    code: 'not-a-tarball',
    why: /it ends in the middle, before its first entry/,
  },
  {
    what: 'cut in a later header',
    bytes: () => sound.subarray(0, 1100),
    code: 'not-a-tarball',
    why: /it ends in the middle, behind entry "LAUNCHER"/,
  },
  {
    what: 'cut in contents',
    bytes: () => sound.subarray(0, 1024 + 512 + 100),
    code: 'not-a-tarball',
    why: /it ends in the middle, inside entry "last"/,
  },
  {
    what: 'cut before its end',
    bytes: () => sound.subarray(0, -1024),
    code: 'not-a-tarball',
    why: /without a tar's last block of zeros, behind entry "last"/,
  },
  {
    what: 'cut in its end',
    bytes: () => sound.subarray(0, -1000),
    code: 'not-a-tarball',
    why: /in the middle, behind entry "last"/,
  },
  {
    what: 'with a size beyond its end',
    bytes: () => rawTar(launcher, { name: 'b', size: 60_000 }),
    code: 'not-a-tarball',
    why: /in the middle, inside entry "b"/,
  },
  {
    what: 'with a wrong checksum',
    bytes: () => rawTar(launcher, { ...file('bad'), checksumError: 1 }),
    code: 'not-a-tarball',
    why: /the header at byte 1024, behind entry "LAUNCHER", has a wrong checksum/,
  },
  {
    what: 'of an unknown format',
    bytes: () => rawTar(launcher, { ...file('old'), magic: 'nonsense' }),
    code: 'not-a-tarball',
    why: /unknown format/,
  },
  {
    what: 'followed by garbage',
    bytes: () => Buffer.concat([sound, Buffer.from('garbage')]),
    code: 'archive-trailing-data',
    why: /entry "last" is the last before the archive's end, and more follows/,
  },
  {
    what: 'followed by another tar',
    bytes: () => Buffer.concat([sound, hidden]),
    code: 'archive-trailing-data',
    why: /entry "last"/,
  },
  {
    what: 'followed by another gzip',
    bytes: () => Buffer.concat([gzipSync(sound), gzipSync(hidden)]),
    code: 'archive-trailing-data',
    why: /entry "last"/,
  },
  {
    what: 'followed by another zstd frame',
    bytes: () => Buffer.concat([zstdCompressSync(sound), zstdCompressSync(hidden)]),
    code: 'not-a-tarball',
    why: /its compressed data end at byte \d+ of \d+/,
  },
  {
    what: 'in two zstd frames',
    bytes: () => Buffer.concat(halves.map((half) => zstdCompressSync(half))),
    code: 'not-a-tarball',
    why: /its compressed data end at byte \d+ of \d+/,
  },
  {
    what: 'followed by another xz stream',
    bytes: async () => Buffer.concat([await xz(sound), await xz(hidden)]),
    code: 'archive-trailing-data',
    why: /entry "last"/,
  },
  {
    what: 'with data behind a zstd frame that holds none',
    bytes: () => Buffer.concat([zstdCompressSync(sound), skippableFrame, zstdCompressSync(hidden)]),
    code: 'not-a-tarball',
    why: /its compressed data end at byte \d+ of \d+/,
  },
  {
    what: 'with garbage behind gzip',
    bytes: () => Buffer.concat([gzipSync(sound), Buffer.from('garbage')]),
    code: 'not-a-tarball',
    why: /its compressed data end|header check/,
  },
  {
    what: 'with zeros behind gzip',
    bytes: () => Buffer.concat([gzipSync(sound), Buffer.alloc(512)]),
    code: 'not-a-tarball',
    why: /its compressed data end at byte/,
  },
  {
    what: 'with garbage behind zstd',
    bytes: () => Buffer.concat([zstdCompressSync(sound), Buffer.from('garbage')]),
    code: 'not-a-tarball',
    why: /its compressed data end at byte|frame/,
  },
  {
    what: 'with garbage behind xz',
    bytes: async () => Buffer.concat([await xz(sound), Buffer.from('garbage')]),
    code: 'not-a-tarball',
    why: /it ends in the middle \(Unexpected end of input\)|not recognized/,
  },
  {
    what: 'cut in gzip',
    bytes: () => gzipSync(sound).subarray(0, -12),
    code: 'not-a-tarball',
    why: /it ends in the middle \(unexpected end of file\)/,
  },
  {
    what: 'cut in zstd',
    bytes: () => zstdCompressSync(sound).subarray(0, -12),
    code: 'not-a-tarball',
    why: /it ends in the middle/,
  },
  {
    what: 'cut in xz',
    bytes: async () => (await xz(sound)).subarray(0, -12),
    code: 'not-a-tarball',
    why: /it ends in the middle \(Unexpected end of input\)/,
  },
  {
    what: 'with a flipped bit in gzip',
    bytes: () => flipped(gzipSync(sound)),
    code: 'not-a-tarball',
    why: /incorrect|invalid/,
  },
  {
    what: 'with a flipped bit in xz',
    bytes: async () => flipped(await xz(sound)),
    code: 'not-a-tarball',
    why: /Compressed data is corrupt/,
  },
  {
    what: 'compressed twice',
    bytes: () => gzipSync(gzipSync(sound)),
    code: 'not-a-tarball',
    why: /it ends in the middle, before its first entry/,
  },
  {
    what: 'compressed by another program inside',
    bytes: () => zstdCompressSync(gzipSync(Buffer.concat([sound, randomBytes(4096)]))),
    code: 'not-a-tarball',
    why: /the header at byte 0, before its first entry, has a wrong checksum/,
  },
  {
    what: 'that is a bomb of gzip',
    bytes: () => gzipSync(rawTar(launcher, { name: 'bomb', content: Buffer.alloc(bombBytes) })),
    code: 'archive-too-large',
    why: /entry "bomb" makes the whole larger than 250 times the compressed file/,
  },
  {
    what: 'that is a bomb of zstd',
    bytes: () => zstdCompressSync(rawTar(launcher, { name: 'bomb', content: Buffer.alloc(bombBytes) })),
    code: 'archive-too-large',
    why: /250 times the compressed file/,
  },
  {
    what: 'that is a bomb of xz',
    bytes: () => xz(rawTar(launcher, { name: 'bomb', content: Buffer.alloc(bombBytes) }), '-0'),
    code: 'archive-too-large',
    why: /250 times the compressed file/,
  },
  {
    what: 'that is a bomb of filler',
    bytes: () => gzipSync(Buffer.concat([sound, Buffer.alloc(bombBytes)])),
    code: 'archive-too-large',
    why: /entry "last" makes the whole larger/,
  },
  {
    what: 'of xz that asks for a gigabyte of memory',
    bytes: async () => greedyXz(await xz(sound)),
    code: 'not-a-tarball',
    why: /Memory usage limit reached/,
  },
];

test.group('damaged archives', () => {
  test('an archive {what} is refused in one sentence, and nothing outside is touched')
    .with([...damaged])
    .run(async ({ assert }, { bytes, code, why }) => {
      await using scratch = await temporaryDirectory('a damaged archive');
      const watched = await makeWatched(scratch.path);
      const path = join(scratch.path, 'damaged');
      await writeFile(path, await bytes());
      const before = await treeDigest(watched.path, watched.inside);
      const error = await rejection(unpack(path, watched.inside));
      assert.deepEqual(await treeDigest(watched.path, watched.inside), before);
      assert.equal(error.kind, 'usage', error.message);
      assert.equal(error.code, code, error.message);
      assert.isTrue(error.message.startsWith(`${path} `), error.message);
      assert.match(error.message, why);
      assert.notMatch(error.message, /[\p{Cc}]/u);
    });
});

test.group('honest archives', () => {
  const forms: readonly { readonly what: string; readonly bytes: () => Buffer | Promise<Buffer> }[] = [
    { what: 'with one block of zeros at the end', bytes: () => sound.subarray(0, -512) },
    { what: 'with filler at the end', bytes: () => Buffer.concat([sound, Buffer.alloc(10_240)]) },
    { what: 'in two gzip members', bytes: () => Buffer.concat(halves.map((half) => gzipSync(half))) },
    {
      what: 'with an empty zstd frame at the end, as some compressors leave it',
      bytes: () => Buffer.concat([zstdCompressSync(sound), zstdCompressSync(Buffer.alloc(0))]),
    },
    {
      what: 'in two xz streams',
      bytes: async () => Buffer.concat(await Promise.all(halves.map((half) => xz(half)))),
    },
    {
      what: 'with a comment for all and times for each, as git and docker write them',
      bytes: () =>
        rawTar(
          paxHeader([['comment', 'a commit']], 'g'),
          paxHeader([
            ['mtime', '1.5'],
            ['path', 'LAUNCHER'],
          ]),
          launcher,
          file('last', 'x'.repeat(700)),
        ),
    },
  ];

  test('an archive {what} is unpacked')
    .with([...forms])
    .run(async ({ assert }, { bytes }) => {
      await using scratch = await temporaryDirectory('an archive');
      const path = join(scratch.path, 'archive');
      const inside = join(scratch.path, 'inside');
      await mkdir(inside);
      await writeFile(path, await bytes());
      assert.deepEqual(await unpack(path, inside), []);
      assert.equal(await readFile(join(inside, 'last'), 'utf8'), 'x'.repeat(700));
    });

  for (const format of ['gnu', 'oldgnu', 'pax', 'ustar']) {
    test(`an archive by GNU tar in its format ${format} is unpacked as it was`, async ({ assert }) => {
      await using scratch = await temporaryDirectory('an archive');
      const [tree, inside] = [join(scratch.path, 'tree'), join(scratch.path, 'inside')];
      await mkdir(inside);
      // What a name may be in the oldest of them, and what takes longer headers in the others.
      const deep = join(tree, 'n'.repeat(format === 'ustar' ? 30 : 90), 'ö'.repeat(30));
      await mkdir(deep, { recursive: true });
      await writeFile(join(deep, 'file'), 'contents', { mode: 0o755 });
      await link(join(deep, 'file'), join(deep, 'again'));
      await symlink('file', join(deep, 'link'));
      const path = join(scratch.path, 'archive.tar');
      await execa('tar', ['--create', `--format=${format}`, '--file', path, '--directory', tree, '.']);
      assert.deepEqual(await unpack(path, inside), []);
      const { stdout } = await execa('diff', ['--recursive', '--no-dereference', tree, inside]);
      assert.equal(stdout, '');
    });
  }
});

async function xz(bytes: Buffer, preset = '-6'): Promise<Buffer> {
  const { stdout } = await execa('xz', ['--stdout', preset], { input: bytes, encoding: 'buffer' });
  return Buffer.from(stdout);
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = Math.floor(copy.length / 2);
  copy[at] = (copy[at] ?? 0) ^ 0x10;
  return copy;
}

/** The same stream, but for its dictionary: 1.5 GiB (The .xz File Format, 3.1 and 5.3.1). */
function greedyXz(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const header = 12;
  const headerBytes = ((copy[header] ?? 0) + 1) * 4;
  const dictionary = header + 4;
  copy[dictionary] = 37;
  copy.writeUInt32LE(crc32(copy.subarray(header, header + headerBytes - 4)), header + headerBytes - 4);
  return copy;
}
