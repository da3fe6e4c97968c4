import { writeSync } from 'node:fs';

import { RedoubtError } from '../../error.ts';

/**
 * Writes every byte at the descriptor's position.
 * @throws RedoubtError `write-failed` with the path: disk full, no permission.
 */
export function writeAll(descriptor: number, bytes: Buffer, path: string): void {
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
  } catch (error) {
    throw writeFailed(path, error);
  }
}

/** The error for a file that cannot be opened for writing or written to. */
export function writeFailed(path: string, cause: unknown): RedoubtError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RedoubtError('infrastructure', 'write-failed', `cannot write ${path}: ${reason}`, {
    remedy: 'Free some space, or name another place with REDOUBT_CACHE or TMPDIR.',
    cause,
  });
}
