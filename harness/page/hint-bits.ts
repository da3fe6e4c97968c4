import { btreeFlags, readBtreeOpaque } from './btree.ts';
import { pageFlags, readPageHeader } from './header.ts';
import { infomaskOffset } from './heap.ts';
import { hasStorage } from './item.ts';
import type { PageKind } from './kind.ts';
import { itemsOf } from './page-items.ts';

/** HEAP_XMIN_COMMITTED, HEAP_XMIN_INVALID, HEAP_XMAX_COMMITTED, HEAP_XMAX_INVALID (htup_details.h). */
const tupleHintBits = 0x0f00;
/** lp_flags in a line pointer: LP_DEAD is both bits, LP_NORMAL the lower one. */
const deadMark = 0x2 << 15;

/**
 * Clears, in place, the bits that a server may set without WAL: pd_prune_xid, PD_HAS_FREE_LINES, PD_PAGE_FULL; in heap
 * tuples the committed and invalid bits; on btree leaves the dead marks and BTP_HAS_GARBAGE. Narrower than PostgreSQL's
 * own masks (`heap_mask`, `btree_mask`): lock and frozen state count as content. Other kinds are left alone.
 */
export function clearHintBits(page: Buffer, kind: PageKind): void {
  if (kind !== 'heap' && kind !== 'btree') {
    return;
  }
  const header = readPageHeader(page);
  page.writeUInt16LE(header.flags & ~(pageFlags.hasFreeLines | pageFlags.pageFull), 10);
  page.writeUInt32LE(0, 20);
  const items = itemsOf(page, header, kind).filter(hasStorage);
  if (kind === 'heap') {
    for (const item of items) {
      if (item.state === 'normal' && item.length > infomaskOffset + 1) {
        const at = item.offset + infomaskOffset;
        page.writeUInt16LE(page.readUInt16LE(at) & ~tupleHintBits, at);
      }
    }
    return;
  }
  const opaque = readBtreeOpaque(page, header);
  if (opaque === undefined || (opaque.flags & btreeFlags.leaf) === 0) {
    return;
  }
  page.writeUInt16LE(opaque.flags & ~btreeFlags.hasGarbage, header.special + 12);
  for (const item of items) {
    if (item.state === 'dead') {
      page.writeUInt32LE((page.readUInt32LE(item.pointerOffset) & ~deadMark) >>> 0, item.pointerOffset);
    }
  }
}
