import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { RedoubtError } from '../error.ts';
import { cacheDirectory, publish } from '../host/cache.ts';
import type { Progress } from '../host/progress.ts';
import { systemError } from '../host/system-error.ts';
import { refuse } from '../host/archive/archive-refusal.ts';
import { recogniseCompression } from '../host/archive/tar-source.ts';
import { unpack } from '../host/archive/unpack.ts';
import { digestFile, digestFolder } from './digest.ts';
import { type BundleLayout, recogniseLayout } from './layout.ts';

/** A bundle that lies unpacked on this machine; nothing of it has been run. */
export interface Bundle {
  /** The path that was given. */
  readonly source: string;
  /** SHA-256 of the tarball, or over the folder. */
  readonly digest: string;
  readonly layout: BundleLayout;
  /** The unpacked bundle. Nobody may write in it. */
  readonly directory: string;
}

/** Raised when an archive accepted before might be refused now, or be unpacked differently. */
const unpackVersion = 2;

const phase = 'bundle';

/**
 * Opens a bundle: a folder, used where it is, or a tarball (plain, gzip, zstd, xz), unpacked once into the cache. The
 * archive is not trusted. Throws `usage` for no such file, no tarball, a refused archive and an unknown layout;
 * `infrastructure` when the machine fails (a full disk), with nothing half-written left.
 */
export async function openBundle(path: string, progress: Progress): Promise<Bundle> {
  const source = resolve(path);
  const stats = await stat(source).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' || error.code === 'ENOTDIR'
      ? noSuchBundle(path, 'there is no such file or folder')
      : systemError(`cannot look at the bundle ${path}`, error);
  });
  if (!stats.isDirectory() && !stats.isFile()) throw noSuchBundle(path, 'it is neither a file nor a folder');
  try {
    return stats.isDirectory() ? await openFolder(path, source) : await openTarball(path, source, progress);
  } catch (error) {
    throw systemError(`cannot open the bundle ${path}`, error);
  }
}

/** A bundle whose tarball has this digest, as it was unpacked into the cache before; undefined where it was not. */
export async function openUnpacked(digest: string): Promise<Bundle | undefined> {
  const directory = join(cacheDirectory(), unpackedKey(digest));
  const isThere = await stat(directory).then(Boolean, () => false);
  if (!isThere) return undefined;
  return { source: directory, digest, layout: await recogniseLayout(directory, directory), directory };
}

function unpackedKey(digest: string): string {
  return `bundles/${digest}-${unpackVersion}`;
}

async function openFolder(path: string, directory: string): Promise<Bundle> {
  const layout = await recogniseLayout(directory, path);
  return { source: path, layout, directory, digest: await digestFolder(directory) };
}

async function openTarball(path: string, source: string, progress: Progress): Promise<Bundle> {
  await recogniseCompression(source);
  const digest = await digestFile(source);
  const directory = await publish(
    unpackedKey(digest),
    async (partial) => {
      progress(phase, `unpacking ${path}`);
      const absoluteLinks = await unpack(source, partial);
      const layout = await recogniseLayout(partial, path);
      const [first] = absoluteLinks;
      if (layout !== 'chroot' && first !== undefined) {
        throw refuse(path, 'link-out', first, 'is an absolute link, and this bundle is not chrooted into');
      }
    },
    () => progress(phase, 'waiting for another run that unpacks it'),
  );
  return { source: path, digest, layout: await recogniseLayout(directory, path), directory };
}

function noSuchBundle(path: string, why: string): RedoubtError {
  return new RedoubtError('usage', 'no-such-bundle', `cannot open the bundle ${path}: ${why}`, {
    remedy: 'Give the path of a bundle: a folder or a tarball.',
    details: { path },
  });
}
