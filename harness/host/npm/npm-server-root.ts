import { join } from 'node:path';

import { sharing } from '../composition/shared-files.ts';
import { runTool } from '../machine/machine-tool.ts';
import type { NpmServer } from './npm-server.ts';

/** Where Debian's packages put a server too; npm's find their libraries and share files beside them. */
export function npmServerDirectory(major: number): string {
  return `/usr/lib/postgresql/${String(major)}`;
}

/**
 * Makes in `target` a copy of the root in `base` with a server's installation in it. The copy shares its files with the
 * base (hard links in the same cache), which costs neither time nor space: nobody may write in a root.
 */
export async function layServerRoot(
  base: string,
  installation: string,
  { major }: NpmServer,
  target: string,
): Promise<void> {
  const place = join(target, npmServerDirectory(major));
  const doing = `cannot make a root with PostgreSQL ${String(major)} in ${target}`;
  await runTool(doing, ['cp', '--archive', ...sharing(base), base, target]);
  await runTool(doing, ['mkdir', '--parents', place]);
  await runTool(doing, ['cp', '--archive', `${installation}/.`, place]);
}
