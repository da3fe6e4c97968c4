import { readlink } from 'node:fs/promises';
import { join } from 'node:path';

import { RedoubtError } from '../error.ts';

const mostLinks = 40;

/**
 * The path, relative to a root and without links, to which a path leads for a process whose `/` is that root: absolute
 * links begin at the root again, and `..` of the root is the root. What does not exist is taken as it is written. Throws
 * `link-loop` (usage).
 */
export async function resolveInRoot(root: string, path: string): Promise<string> {
  const rest = path.split('/');
  let done: string[] = [];
  let linksLeft = mostLinks;
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      done.pop();
      continue;
    }
    const target = await readlink(join(root, ...done, name)).catch(() => undefined);
    if (target === undefined) {
      done.push(name);
      continue;
    }
    if (linksLeft === 0) {
      throw new RedoubtError('usage', 'link-loop', `${path} leads through more than ${mostLinks} links`, {
        details: { root, path },
      });
    }
    linksLeft -= 1;
    if (target.startsWith('/')) done = [];
    rest.unshift(...target.split('/'));
  }
  return done.join('/');
}
