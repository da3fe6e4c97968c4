import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { openChrootHost } from '../../host/chroot/chroot-host.ts';
import type { ComputeImage } from '../../host/compute-images.ts';
import type { Progress } from '../../host/progress.ts';
import { publishBeside } from '../../host/publish-beside.ts';
import { ensureRoot } from '../../host/root.ts';
import { Tape } from '../../redo/tape/tape.ts';
import type { TapeManifest } from '../../redo/tape/tape-manifest.ts';
import { attachCapture } from './attached-capture.ts';
import { tapeOfCapture } from './capture-tape.ts';
import { newFolder } from '../new-folder.ts';

export interface AttachToFolderOptions {
  readonly base: string;
  readonly wal: string;
  /** Its server recovers the base; of the base's major. */
  readonly image: ComputeImage;
  readonly out: string;
  readonly progress: Progress;
}

/**
 * Makes a tape of a data directory and WAL that somebody has, in a new folder, whole or not at all.
 * @throws RedoubtError `out-exists` (usage), or what {@link attachCapture} throws.
 */
export async function attachToFolder(options: AttachToFolderOptions): Promise<TapeManifest> {
  const { base, wal, image, progress } = options;
  const out = newFolder(options.out);
  const root = await ensureRoot(image.recipe, progress);
  await using host = await openChrootHost(root.name, root.path, progress);
  await publishBeside(out, async (partial) => {
    await mkdir(partial);
    const directory = join(partial, 'capture');
    const capture = await attachCapture({
      host,
      major: image.major,
      baseDirectory: base,
      walDirectory: wal,
      directory,
      progress,
    });
    progress('attach', 'splitting the WAL by page');
    await tapeOfCapture(capture, partial);
    await rm(directory, { recursive: true });
  });
  return Tape.open(out).manifest;
}
