import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { RedoubtError } from '../error.ts';
import { unpackLayer, unpackRoot } from './archive/unpack-root.ts';
import { cacheDirectory, publish } from './cache.ts';
import { imageDamaged, isImageLayout, readImageLayout } from './archive/image-layout.ts';
import type { Progress } from './progress.ts';
import { removeTree } from './remove-tree.ts';
import { readRootFacts, type RootFacts } from './root-facts.ts';
import { systemError } from './system-error.ts';

/** A root that somebody gave: a folder as it is, or an archive unpacked into the cache. Nobody may write in it. */
export interface GivenRoot extends RootFacts {
  /** The path that was given. */
  readonly source: string;
  /** SHA-256 of the archive, or of an OCI layout's index; undefined for a folder that is a root itself. */
  readonly digest: string | undefined;
  /** The folder that becomes `/`. */
  readonly path: string;
}

/** Raised when the same archive might be unpacked differently. */
const unpackVersion = 1;

/**
 * Opens a root that is given as a tarball of a whole root, as what `docker save` wrote, as an OCI archive or layout, or as
 * an unpacked folder. Archives are not trusted, and unpacked once into the cache. Throws `usage` for no such file, no
 * archive, a refused entry, a damaged or foreign image; `infrastructure` when the machine fails.
 */
export async function openGivenRoot(path: string, progress: Progress): Promise<GivenRoot> {
  const source = resolve(path);
  const stats = await stat(source).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' || error.code === 'ENOTDIR'
      ? noSuchArchive(path, 'there is no such file or folder')
      : systemError(`cannot look at ${path}`, error);
  });
  if (!stats.isDirectory() && !stats.isFile()) throw noSuchArchive(path, 'it is neither a file nor a folder');
  const isFolder = stats.isDirectory();
  if (isFolder && !(await isImageLayout(source))) {
    return { source: path, digest: undefined, path: source, ...(await readRootFacts(source)) };
  }
  const digest = await digestOf(isFolder ? join(source, await layoutIndex(source)) : source);
  const phase = `archive ${path}`;
  const root = await ensureUnpacked(digest, phase, progress, (partial, target) =>
    isFolder
      ? layImage(source, target, progress, phase)
      : unpackArchive(source, partial, target, progress, phase),
  );
  return { source: path, digest, ...root };
}

/** Where the root of an archive lies that was opened before; undefined for others, and for what is no archive. */
export async function unpackedRoot(path: string): Promise<string | undefined> {
  const isArchive = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isArchive) return undefined;
  const root = join(cacheDirectory(), unpackedKey(await digestOf(path)), 'root');
  return stat(root).then(
    () => root,
    () => undefined,
  );
}

/**
 * The root of an image whose archive `save` writes into a folder, whose path it returns; under a key that stands for the
 * image for good. Throws as {@link openGivenRoot} does.
 */
export async function openImageFolder(
  key: string,
  phase: string,
  save: (directory: string) => Promise<string>,
  progress: Progress,
): Promise<RootFacts & { readonly path: string }> {
  return ensureUnpacked(key, phase, progress, async (partial, root) => {
    const archive = await save(partial);
    await unpackArchive(archive, partial, root, progress, phase);
    await rm(archive);
  });
}

function unpackedKey(key: string): string {
  return `images/${key}-${String(unpackVersion)}`;
}

async function ensureUnpacked(
  key: string,
  phase: string,
  progress: Progress,
  fill: (partial: string, root: string) => Promise<void>,
): Promise<RootFacts & { readonly path: string }> {
  const directory = await publish(
    unpackedKey(key),
    async (partial) => {
      progress(phase, 'unpacking it');
      const root = join(partial, 'root');
      await mkdir(root);
      await fill(partial, root);
      await writeFile(join(partial, 'facts.json'), `${JSON.stringify(await readRootFacts(root), null, 2)}\n`);
    },
    () => progress(phase, 'waiting for another run that unpacks it'),
  );
  const facts = JSON.parse(await readFile(join(directory, 'facts.json'), 'utf8')) as RootFacts;
  return { path: join(directory, 'root'), ...facts };
}

/** What an archive is shows only inside: an image's archive is unpacked, and its layers then make the root. */
async function unpackArchive(
  archive: string,
  partial: string,
  root: string,
  progress: Progress,
  phase: string,
): Promise<void> {
  await unpackRoot(archive, root);
  if (!(await isImageLayout(root))) return;
  const outer = join(partial, 'image');
  await rename(root, outer);
  await mkdir(root);
  await layImage(outer, root, progress, phase);
  await removeTree(outer);
}

async function layImage(directory: string, root: string, progress: Progress, phase: string): Promise<void> {
  const { layers } = await readImageLayout(directory);
  for (const [at, { path, diffId }] of layers.entries()) {
    progress(phase, `layer ${String(at + 1)} of ${String(layers.length)}`);
    const found = await unpackLayer(path, root);
    if (found !== diffId)
      throw imageDamaged(`layer ${String(at + 1)} has the digest ${found}, not ${diffId}`);
  }
}

async function layoutIndex(directory: string): Promise<string> {
  return (await readdir(directory)).includes('index.json') ? 'index.json' : 'manifest.json';
}

async function digestOf(path: string): Promise<string> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), digest);
  return digest.digest('hex');
}

function noSuchArchive(path: string, why: string): RedoubtError {
  return new RedoubtError('usage', 'no-such-archive', `cannot open the root ${path}: ${why}`, {
    remedy:
      'Give a tarball of a root, what docker save wrote, an OCI archive or layout, or an unpacked root.',
    details: { path },
  });
}
