import type { DataTree, EntryKind, TreeEntry } from './data-tree.ts';

export interface TreeDifference {
  readonly path: string;
  /** Completes "path ...". */
  readonly what: string;
  /** Whether both are files, so that their bytes can be compared further. */
  readonly isContent: boolean;
}

export interface TreeComparison {
  /** Files, folders and links that are equal. */
  readonly equalEntries: number;
  /** In order of their paths. */
  readonly differences: readonly TreeDifference[];
  /** Files that both have and whose contents were not compared. */
  readonly leftOut: readonly string[];
}

/**
 * Compares two folders entry by entry, and their modes: every byte of every file, but for files that `isLeftOut` names,
 * which must be there all the same.
 */
export function compareTrees(
  expected: DataTree,
  actual: DataTree,
  isLeftOut: (path: string) => boolean = () => false,
): TreeComparison {
  const differences: TreeDifference[] = [];
  const leftOut: string[] = [];
  let equalEntries = 0;
  for (const path of [...new Set([...expected.entries.keys(), ...actual.entries.keys()])].toSorted()) {
    const [left, right] = [expected.entries.get(path), actual.entries.get(path)];
    const isFile = left?.kind === 'file' && right?.kind === 'file' && left.mode === right.mode;
    if (isFile && isLeftOut(path)) {
      leftOut.push(path);
      continue;
    }
    const difference =
      left?.kind === right?.kind && left !== undefined && right !== undefined
        ? contentDifference(expected, actual, path, left, right)
        : missingOrOther(path, left?.kind, right?.kind);
    if (difference !== undefined) differences.push(difference);
    else equalEntries++;
  }
  return { equalEntries, differences, leftOut };
}

function missingOrOther(
  path: string,
  expected: EntryKind | undefined,
  actual: EntryKind | undefined,
): TreeDifference {
  const isContent = false;
  if (expected === undefined) return { path, isContent, what: 'is there, but not expected' };
  if (actual === undefined) return { path, isContent, what: 'is missing' };
  return { path, isContent, what: `is a ${actual} instead of a ${expected}` };
}

function contentDifference(
  expected: DataTree,
  actual: DataTree,
  path: string,
  left: TreeEntry,
  right: TreeEntry,
): TreeDifference | undefined {
  // A link has no mode of its own.
  if (left.mode !== right.mode && left.kind !== 'link')
    return { path, isContent: false, what: `has mode ${right.mode} instead of ${left.mode}` };
  switch (left.kind) {
    case 'file': {
      if (left.sizeBytes !== right.sizeBytes) {
        const what = `has ${String(right.sizeBytes)} bytes instead of ${String(left.sizeBytes)}`;
        return { path, isContent: true, what };
      }
      if (expected.digest(path) === actual.digest(path)) return undefined;
      return { path, isContent: true, what: 'has other contents' };
    }
    case 'link':
      return expected.linkTarget(path) === actual.linkTarget(path)
        ? undefined
        : { path, isContent: false, what: 'is a link to another place' };
    case 'pipe, socket or device':
      return { path, isContent: false, what: 'is neither file, folder nor link' };
    case 'folder':
      return undefined;
  }
}
