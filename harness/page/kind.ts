import { brinPageType } from './brin.ts';
import { allBtreeFlags, btreeSpecialSizeBytes } from './btree.ts';
import { allGinFlags } from './gin.ts';
import { gistPageId } from './gist.ts';
import { hashPageId } from './hash.ts';
import { isNewPage, pageHeaderSizeBytes, readPageHeader } from './header.ts';
import type { PageHeader } from './header.ts';
import { linePointerSizeBytes } from './item.ts';
import { pageSizeBytes } from './page-bytes.ts';
import { sequenceMagic } from './sequence.ts';
import { spgistPageId } from './spgist.ts';

/** What a page is for; the kinds whose layout is known by name. */
export type PageKind =
  | 'heap'
  | 'btree'
  | 'hash'
  | 'gin'
  | 'gist'
  | 'spgist'
  | 'brin'
  | 'sequence'
  | 'visibility-map'
  | 'free-space-map'
  /** A page of an extension's access method (bloom) in the standard form, whose items are its own affair. */
  | 'generic'
  | 'other';

/** BLOOM_PAGE_ID (contrib/bloom/bloom.h, 14-18). */
const bloomPageId = 0xff83;

/** Page ids of index access methods begin here; a btree's cycle id, in the same place, stays below (MAX_BT_CYCLE_ID). */
const firstIndexPageId = 0xff80;

/** The kinds of pages, for people to name. */
export const pageKinds: readonly PageKind[] = [
  'heap',
  'btree',
  'hash',
  'gin',
  'gist',
  'spgist',
  'brin',
  'sequence',
  'visibility-map',
  'free-space-map',
  'generic',
  'other',
];

/**
 * A page's kind from what the catalog says of its relation (an access method, `sequence`, `toast`) and from its fork;
 * guessed where that says nothing.
 */
export function pageKindOf(relationKind: string | undefined, forkNumber: number, page: Buffer): PageKind {
  switch (forkNumber) {
    case 1:
      return 'free-space-map';
    case 2:
      return 'visibility-map';
    default: {
      const known = pageKinds.find((kind) => kind === relationKind);
      return known ?? (relationKind === 'toast' ? 'heap' : guessPageKind(page));
    }
  }
}

/**
 * Guesses a page's kind from its special space (heap has none, indexes end with a page id, a sequence has its magic)
 * and, where that says nothing, its content. A caller that knows the relation knows better: an empty map page looks
 * like an empty heap page, and a new page is `other`. Throws `page-size-invalid`.
 */
export function guessPageKind(page: Buffer): PageKind {
  const header = readPageHeader(page);
  if (isNewPage(page) || header.special > pageSizeBytes || header.special < pageHeaderSizeBytes) {
    return 'other';
  }
  switch (pageSizeBytes - header.special) {
    case 0: {
      const hasNoItems = header.lower === pageHeaderSizeBytes && header.upper === pageSizeBytes;
      return hasNoItems ? guessMapOrHeap(page) : 'heap';
    }
    case btreeSpecialSizeBytes:
      return guessOf16Bytes(page, header);
    case 8:
      return guessOf8Bytes(page, header);
    default:
      return 'other';
  }
}

function guessOf16Bytes(page: Buffer, header: PageHeader): PageKind {
  const pageId = page.readUInt16LE(pageSizeBytes - 2);
  switch (pageId) {
    case hashPageId:
      return 'hash';
    case gistPageId:
      return 'gist';
    default: {
      const hasOnlyBtreeFlags = (page.readUInt16LE(header.special + 12) & ~allBtreeFlags) === 0;
      return pageId < firstIndexPageId && hasOnlyBtreeFlags ? 'btree' : 'other';
    }
  }
}

/** GIN has no page id of its own, only flags; a sequence has a single tuple besides its magic. */
function guessOf8Bytes(page: Buffer, header: PageHeader): PageKind {
  const pageId = page.readUInt16LE(pageSizeBytes - 2);
  switch (pageId) {
    case spgistPageId:
      return 'spgist';
    case bloomPageId:
      return 'generic';
    case brinPageType.meta:
    case brinPageType.revmap:
    case brinPageType.regular:
      return 'brin';
    default: {
      const hasOneItem = header.lower === pageHeaderSizeBytes + linePointerSizeBytes;
      const hasMagic = page.readUInt32LE(header.special) === sequenceMagic && pageId === 0;
      if (hasMagic && hasOneItem) {
        return 'sequence';
      }
      return (pageId & ~allGinFlags) === 0 ? 'gin' : 'other';
    }
  }
}

/** Inner nodes of the tree on a free-space-map page (NonLeafNodesPerPage, storage/fsm_internals.h). */
const innerNodes = pageSizeBytes / 2 - 1;

/** Map pages keep their content where others have free space; in a free space map each inner node is the greater of its two children. */
function guessMapOrHeap(page: Buffer): PageKind {
  if (page.subarray(pageHeaderSizeBytes).every((byte) => byte === 0)) {
    return 'heap';
  }
  const nextSlot = page.readUInt32LE(pageHeaderSizeBytes);
  const nodes = page.subarray(pageHeaderSizeBytes + 4);
  if (nextSlot > innerNodes || nodes[0] === 0) {
    return 'visibility-map';
  }
  for (let node = 0; node < innerNodes; node++) {
    if (nodes[node] !== Math.max(nodes[2 * node + 1] ?? 0, nodes[2 * node + 2] ?? 0)) {
      return 'visibility-map';
    }
  }
  return 'free-space-map';
}
