import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

import { systemError } from '../host/system-error.ts';

const pageBytes = 8192;
const pagesPerFile = 32;

/** Where a page of statuses lies in a data directory: `pg_xact`, or a half of `pg_multixact` (access/slru.h, majors 14 to 18). */
export function statusPlace(
  folder: string,
  page: number,
): { readonly path: string; readonly offsetBytes: number } {
  const file = Math.floor(page / pagesPerFile)
    .toString(16)
    .toUpperCase()
    .padStart(4, '0');
  return { path: join(folder, file), offsetBytes: (page % pagesPerFile) * pageBytes };
}

/** One page of statuses of a data directory at rest; undefined when it has none. */
export function readStatusPage(dataDirectory: string, folder: string, page: number): Buffer | undefined {
  const { path: file, offsetBytes } = statusPlace(folder, page);
  const path = join(dataDirectory, file);
  try {
    const descriptor = openSync(path, 'r');
    try {
      if (fstatSync(descriptor).size < offsetBytes + pageBytes) return undefined;
      const bytes = Buffer.alloc(pageBytes);
      readSync(descriptor, bytes, 0, pageBytes, offsetBytes);
      return bytes;
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw systemError(`cannot read ${path}`, error);
  }
}
