import { RedoubtError } from '../../error.ts';

/** The error for what is no archive at all, and for a damaged or cut one; `why` is about the file at `path`. */
export function notATarball(path: string, why: string, cause?: unknown): RedoubtError {
  return new RedoubtError('usage', 'not-a-tarball', `${path} cannot be read as a tarball: ${why}`, {
    remedy: 'Give a bundle: a folder, or a whole tar file, plain or compressed with gzip, zstd or xz.',
    details: { path },
    cause,
  });
}
