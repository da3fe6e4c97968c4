import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import { RedoubtError } from '../error.ts';

/** The absolute path of a folder that the user wants made. Throws `out-exists` (usage) when there is something already. */
export function newFolder(out: string, option = '--out'): string {
  const path = resolve(out);
  if (!existsSync(path)) return path;
  throw new RedoubtError('usage', 'out-exists', `${path} exists already`, {
    remedy: `Name a new folder with ${option}.`,
  });
}
