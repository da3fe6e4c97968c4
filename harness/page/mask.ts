import { pageHeaderSizeBytes } from './header.ts';
import type { PageKind } from './kind.ts';
import {
  brinMask,
  btreeMask,
  ginMask,
  gistMask,
  hashMask,
  heapMask,
  plainMask,
  spgistMask,
} from './masks.ts';
import type { Mask } from './masks.ts';
import { MaskedPage } from './masked-page.ts';
import type { MaskedBytes } from './masked-page.ts';
import { pageSizeBytes } from './page-bytes.ts';

/** Masks by resource manager id (access/rmgrlist.h, 14-18): those that `wal_consistency_checking` knows. */
const masks: ReadonlyMap<number, Mask> = new Map([
  [9, heapMask],
  [10, heapMask],
  [11, btreeMask],
  [12, hashMask],
  [13, ginMask],
  [14, gistMask],
  [15, plainMask],
  [16, spgistMask],
  [17, brinMask],
  [20, plainMask],
]);

const rmgrOfKind: Readonly<Record<PageKind, number | undefined>> = {
  heap: 10,
  btree: 11,
  hash: 12,
  gin: 13,
  gist: 14,
  spgist: 16,
  brin: 17,
  sequence: 15,
  'visibility-map': undefined,
  'free-space-map': undefined,
  generic: 20,
  other: undefined,
};

/**
 * The id of the resource manager whose mask fits a kind of page when no record names one; undefined for unknown kinds and for
 * maps, which have none: under the mask of heap records, which PostgreSQL uses for the visibility map, nothing of a map page is left.
 */
export function maskingRmgr(kind: PageKind): number | undefined {
  return rmgrOfKind[kind];
}

/**
 * A copy of the page under PostgreSQL's own mask of a resource manager (`rm_mask`; bufmask.c and the masks of 15 to 18,
 * which do not differ; 14 is treated alike). Two pages that are equal under it are equal in the eyes of
 * `wal_consistency_checking`. Left as it is, and so equal to nothing but itself, is a page of a manager without a mask,
 * and one on which PostgreSQL's own mask would fail: bounds or special space that cannot be. Throws `page-size-invalid`.
 */
export function maskPage(page: Buffer, rmgrId: number, blockNumber: number): Buffer {
  return masked(page, rmgrId, blockNumber).bytes;
}

/** What {@link maskPage} hides of this page and why, in order of offset; nothing where it leaves the page as it is. */
export function maskedBytes(page: Buffer, rmgrId: number, blockNumber: number): readonly MaskedBytes[] {
  return masked(page, rmgrId, blockNumber).masked();
}

function masked(page: Buffer, rmgrId: number, blockNumber: number): MaskedPage {
  const result = new MaskedPage(page);
  const mask = masks.get(rmgrId);
  if (mask === undefined) {
    return result;
  }
  const { special } = result.header;
  const hasSpecial = special >= pageHeaderSizeBytes && special + mask.specialSizeBytes <= pageSizeBytes;
  if (hasSpecial && (result.hasSoundBounds || !mask.needsSoundBounds(result))) {
    mask.apply(result, blockNumber);
  }
  return result;
}
