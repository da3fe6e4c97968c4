import { btreeSpecialSizeBytes } from './btree.ts';
import { isNewPage, pageHeaderSizeBytes, readPageHeader } from './header.ts';
import { pageSizeBytes } from './page-bytes.ts';
import { sequenceMagic } from './sequence.ts';

/** What a page is for; the kinds whose layout is known by name. */
export type PageKind = 'heap' | 'btree' | 'sequence' | 'visibility-map' | 'free-space-map' | 'other';

/** The last two bytes of an index page say which access method it is (hash.h, gist.h, spgist_private.h); btree's cycle ids stay below. */
const firstIndexPageId = 0xff80;
const allBtreeFlags = 0x01ff;

/**
 * Guesses a page's kind from its special space (heap has none, btree 16 bytes, a sequence its magic) and, where that
 * says nothing, its content. A caller that knows the relation knows better: an empty map page looks like an empty heap
 * page, and a new page is `other`. Throws `page-size-invalid`.
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
    case btreeSpecialSizeBytes: {
      const isBtree =
        page.readUInt16LE(pageSizeBytes - 2) < firstIndexPageId &&
        (page.readUInt16LE(header.special + 12) & ~allBtreeFlags) === 0;
      return isBtree ? 'btree' : 'other';
    }
    case 8:
      return page.readUInt32LE(header.special) === sequenceMagic ? 'sequence' : 'other';
    default:
      return 'other';
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
