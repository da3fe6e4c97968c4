import { pageFlags, readPageHeader } from './header.ts';
import type { PageKind } from './kind.ts';
import { layouts } from './layouts.ts';

/**
 * Clears, in place, the bits that a server may set without WAL: pd_prune_xid, PD_HAS_FREE_LINES, PD_PAGE_FULL; in heap
 * tuples the committed and invalid bits; on index leaves the dead marks and the flag that there are some. Narrower than
 * PostgreSQL's own masks (`heap_mask`, `btree_mask`, ...): lock and frozen state count as content. Kinds that have no
 * such bits are left alone.
 */
export function clearHintBits(page: Buffer, kind: PageKind): void {
  const { clearHintBits: clearTheKindsOwn } = layouts[kind];
  const header = readPageHeader(page);
  if (clearTheKindsOwn === undefined || header.upper === 0) {
    return;
  }
  page.writeUInt16LE(header.flags & ~(pageFlags.hasFreeLines | pageFlags.pageFull), 10);
  page.writeUInt32LE(0, 20);
  clearTheKindsOwn(page, header);
}
