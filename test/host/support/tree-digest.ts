import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * All that one can see of a tree, itself included: for each path its type, mode, owner, size, links, number, the times of
 * change of its contents and of its place in the file system, and a digest. `except` is a path in it that may change.
 */
export async function treeDigest(root: string, except: string): Promise<readonly string[]> {
  const lines: string[] = [];
  const visit = async (path: string): Promise<void> => {
    if (path === except) return;
    const stats = await lstat(path, { bigint: true });
    const { mode, uid, gid, size, nlink, ino, mtimeNs, ctimeNs } = stats;
    const contents = stats.isFile()
      ? createHash('sha256')
          .update(await readFile(path))
          .digest('hex')
      : stats.isSymbolicLink()
        ? await readlink(path)
        : '';
    lines.push([path, mode.toString(8), uid, gid, size, nlink, ino, mtimeNs, ctimeNs, contents].join(' '));
    if (!stats.isDirectory()) return;
    for (const name of (await readdir(path)).toSorted()) await visit(join(path, name));
  };
  await visit(root);
  return lines;
}
