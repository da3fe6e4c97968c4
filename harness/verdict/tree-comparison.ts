import { readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';

export interface TreeDifference {
  readonly path: string;
  /** Completes "path ...". */
  readonly what: string;
}

export interface TreeComparison {
  readonly equalFiles: number;
  readonly differences: readonly TreeDifference[];
}

/** Compares two folders file by file, every byte; a file is left out only by a rule that matches its path. */
export async function compareTrees(
  expected: string,
  actual: string,
  leftOut: readonly { readonly pattern: RegExp }[],
): Promise<TreeComparison> {
  const [expectedPaths, actualPaths] = [await listTree(expected), await listTree(actual)];
  const differences: TreeDifference[] = [];
  let equalFiles = 0;
  for (const path of [...new Set([...expectedPaths.keys(), ...actualPaths.keys()])].toSorted()) {
    if (leftOut.some(({ pattern }) => pattern.test(path))) continue;
    const kinds = [expectedPaths.get(path), actualPaths.get(path)] as const;
    const what =
      kinds[0] === kinds[1]
        ? await contentDifference(join(expected, path), join(actual, path), kinds[0])
        : missingOrOther(kinds);
    if (what === undefined) equalFiles++;
    else differences.push({ path, what });
  }
  return { equalFiles, differences };
}

type EntryKind = 'file' | 'link' | 'folder';

async function listTree(root: string): Promise<ReadonlyMap<string, EntryKind>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return new Map(
    entries.map((entry) => [
      relative(root, join(entry.parentPath, entry.name)),
      entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : 'file',
    ]),
  );
}

function missingOrOther([expected, actual]: readonly [EntryKind | undefined, EntryKind | undefined]): string {
  if (expected === undefined) return 'is there, but not expected';
  if (actual === undefined) return 'is missing';
  return `is a ${actual} instead of a ${expected}`;
}

async function contentDifference(
  expected: string,
  actual: string,
  kind: EntryKind | undefined,
): Promise<string | undefined> {
  switch (kind) {
    case 'file': {
      const [left, right] = [await readFile(expected), await readFile(actual)];
      if (left.equals(right)) return undefined;
      if (left.length !== right.length)
        return `has ${String(right.length)} bytes instead of ${String(left.length)}`;
      const first = left.findIndex((byte, offset) => byte !== right[offset]);
      return `differs first at byte ${String(first)} (block ${String(Math.floor(first / 8192))})`;
    }
    case 'link':
      return (await readlink(expected)) === (await readlink(actual))
        ? undefined
        : 'is a link to another place';
    default:
      return undefined;
  }
}
