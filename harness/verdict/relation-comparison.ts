import { comparePages } from '../page/compare.ts';
import { describeRanges, type DescribedRange } from '../page/describe-difference.ts';
import { diffPages, type DifferenceClass } from '../page/diff.ts';
import { pageKindOf } from '../page/kind.ts';
import { pageSizeBytes } from '../page/page-bytes.ts';

/** A page of a relation that differs. */
export interface DifferingPage {
  readonly block: number;
  readonly class: DifferenceClass;
  /** Where it first differs, in the fields of the expected page. */
  readonly first: DescribedRange | undefined;
}

/** How the files of one relation's fork differ. */
export interface RelationDifference {
  readonly expectedBlocks: number;
  readonly actualBlocks: number;
  /** Bytes behind the last whole page of the actual file. */
  readonly oddBytes: number;
  /** Of the blocks that both have. */
  readonly pages: readonly DifferingPage[];
}

/** Forks by the end of their files' names (common/relpath.h, 14-18). */
const forks: Readonly<Record<string, number>> = { fsm: 1, vm: 2, init: 3 };

/** Compares two files of one relation page by page, every byte, with no mask. `path` tells the fork, `kind` what pages it has. */
export function diffRelationFiles(
  path: string,
  kind: string | undefined,
  expected: Buffer,
  actual: Buffer,
): RelationDifference {
  const forkNumber = forks[/_([a-z]+)/.exec(path)?.[1] ?? ''] ?? 0;
  const [expectedBlocks, actualBlocks] = [expected, actual].map(({ length }) =>
    Math.floor(length / pageSizeBytes),
  ) as [number, number];
  const shared = Math.min(expectedBlocks, actualBlocks) * pageSizeBytes;
  const pages: DifferingPage[] = [];
  comparePages(expected.subarray(0, shared), actual.subarray(0, shared), (block) => {
    const [left, right] = [expected, actual].map((file) =>
      file.subarray(block * pageSizeBytes, (block + 1) * pageSizeBytes),
    ) as [Buffer, Buffer];
    const pageKind = pageKindOf(kind, forkNumber, left);
    const difference = diffPages(left, right, pageKind, 3);
    const ranges = describeRanges(left, right, pageKind, difference);
    pages.push({
      block,
      class: difference.class,
      // Page LSN and checksum come first wherever they differ; what stands behind them says more.
      first: ranges.find(({ field }) => field !== 'pd_lsn' && field !== 'pd_checksum') ?? ranges[0],
    });
  });
  return { expectedBlocks, actualBlocks, oddBytes: actual.length % pageSizeBytes, pages };
}
