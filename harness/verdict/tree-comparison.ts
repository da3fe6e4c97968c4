import type { Dirent } from 'node:fs';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
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

type EntryKind = 'file' | 'link' | 'folder' | 'pipe, socket or device';

async function listTree(root: string): Promise<ReadonlyMap<string, EntryKind>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return new Map(entries.map((entry) => [relative(root, join(entry.parentPath, entry.name)), kindOf(entry)]));
}

/** A bundle made these: a pipe must not be opened, since nobody may ever write to it. */
function kindOf(entry: Dirent): EntryKind {
  if (entry.isDirectory()) return 'folder';
  if (entry.isSymbolicLink()) return 'link';
  return entry.isFile() ? 'file' : 'pipe, socket or device';
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
      const sizes = [(await stat(expected)).size, (await stat(actual)).size] as const;
      if (sizes[0] !== sizes[1]) return `has ${String(sizes[1])} bytes instead of ${String(sizes[0])}`;
      const [left, right] = [await readFile(expected), await readFile(actual)];
      if (left.equals(right)) return undefined;
      const first = left.findIndex((byte, offset) => byte !== right[offset]);
      return `differs first at byte ${String(first)} (block ${String(Math.floor(first / 8192))})`;
    }
    case 'link':
      return (await readlink(expected)) === (await readlink(actual))
        ? undefined
        : 'is a link to another place';
    case 'pipe, socket or device':
      return 'is neither file, folder nor link';
    default:
      return undefined;
  }
}
