import { link, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Assert } from '@japa/assert';

import { unpack } from '../../../harness/host/archive/unpack.ts';
import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { rawTar, type RawEntry } from './raw-tar.ts';
import { rejection } from './rejection.ts';
import { treeDigest } from './tree-digest.ts';

/** An archive that must be refused for one of its entries. */
export interface HostileArchive {
  readonly what: string;
  /** What follows a LAUNCHER; `watched` is the path of a folder outside. */
  readonly entries: (watched: string) => readonly (RawEntry | Buffer)[];
  /** Of the error, without `archive-`. */
  readonly code: string;
  /** The entry that the error names. */
  readonly entry: string;
  readonly why: RegExp;
}

export const launcher: RawEntry = { name: 'LAUNCHER', mode: 0o755, content: '#!/bin/sh\n' };

export const file = (name: string | Buffer, content = 'x'): RawEntry => ({ name, content });
export const folder = (name: string): RawEntry => ({ name, type: '5', mode: 0o755 });
export const symbolic = (name: string, linkName: string | Buffer): RawEntry => ({
  name,
  type: '2',
  linkName,
});
export const hard = (name: string, linkName: string): RawEntry => ({ name, type: '1', linkName });

export function hostile(
  what: string,
  entries: HostileArchive['entries'] | readonly (RawEntry | Buffer)[],
  code: string,
  entry: string,
  why: RegExp,
): HostileArchive {
  return { what, entries: typeof entries === 'function' ? entries : () => entries, code, entry, why };
}

const limits = { entries: 50, totalBytes: 100_000, depth: 10 };

/** Unpacks it: it is refused in one sentence with archive, entry and reason, and nothing outside is touched. */
export async function assertRefused(assert: Assert, archive: HostileArchive): Promise<void> {
  await using scratch = await temporaryDirectory('a hostile archive');
  const watched = await makeWatched(scratch.path);
  const path = join(scratch.path, 'hostile.tar');
  await writeFile(path, rawTar(launcher, ...archive.entries(watched.path)));
  const before = await treeDigest(watched.path, watched.inside);
  const error = await rejection(unpack(path, watched.inside, limits));
  assert.deepEqual(await treeDigest(watched.path, watched.inside), before);
  assert.equal(error.kind, 'usage');
  assert.equal(error.code, `archive-${archive.code}`, error.message);
  assert.isTrue(error.message.startsWith(`${path} is refused: entry "`), error.message);
  assert.include(error.message, archive.entry);
  assert.match(error.message, archive.why);
  assert.notMatch(error.message, /[\p{Cc}\p{Bidi_Control}]/u);
}

/** A folder with things worth attacking. */
export interface Watched {
  readonly path: string;
  /** The folder in it into which is unpacked. */
  readonly inside: string;
}

export async function makeWatched(parent: string): Promise<Watched> {
  const path = join(parent, 'watched');
  const inside = join(path, 'inside');
  await mkdir(inside, { recursive: true });
  await mkdir(join(path, 'folder'));
  await writeFile(join(path, 'secret'), 'untouched', { mode: 0o600 });
  await writeFile(join(path, 'folder/inner'), 'untouched', { mode: 0o755 });
  await link(join(path, 'secret'), join(path, 'folder/again'));
  await symlink('secret', join(path, 'link'));
  return { path, inside };
}
