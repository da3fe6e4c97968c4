import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { RedoubtError } from '../error.ts';
import { makeFolder } from '../host/make-folder.ts';

/** Writes a file whole or not at all, with its folder. Throws `write-failed` (infrastructure). */
export function writeWhole(path: string, text: string): void {
  const partial = `${path}.partial`;
  try {
    makeFolder(dirname(path));
    writeFileSync(partial, text);
    renameSync(partial, path);
  } catch (cause) {
    forget(partial);
    throw new RedoubtError('infrastructure', 'write-failed', `cannot write ${path}: ${String(cause)}`, {
      remedy: 'Free some space, or name another place (--report, --out, --junit, --markdown).',
      cause,
    });
  }
}

function forget(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It cannot be there where even its folder is none.
  }
}
