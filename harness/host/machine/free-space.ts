import { statfs } from 'node:fs/promises';

import { RedoubtError } from '../../error.ts';
import { systemError } from '../system-error.ts';

/** Throws `disk-full` when the disk of `directory` has less than `bytes` left; `purpose` says what needs them. */
export async function requireFreeSpace(directory: string, bytes: number, purpose: string): Promise<void> {
  const { bavail, bsize } = await statfs(directory).catch((error: unknown) => {
    throw systemError(`cannot ask for the space left in ${directory}`, error);
  });
  if (bavail * bsize >= bytes) return;
  throw diskFull(directory, `${purpose} needs ${megabytes(bytes)}, ${megabytes(bavail * bsize)} are left`);
}

/** The error for a disk that is full. */
export function diskFull(directory: string, why: string): RedoubtError {
  return new RedoubtError('infrastructure', 'disk-full', `the disk of ${directory} is full: ${why}`, {
    remedy: 'Free some disk space, or set TMPDIR or REDOUBT_CACHE to a larger disk.',
    details: { directory },
  });
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
