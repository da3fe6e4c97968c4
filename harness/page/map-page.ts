import type { FieldMap } from './field.ts';
import { pageHeaderSizeBytes } from './header.ts';
import { pageSizeBytes } from './page-bytes.ts';

/** Two bits a heap page: all-visible, all-frozen (access/visibilitymapdefs.h, 14-18). */
const heapPagesPerByte = 4;

/** Heap pages that one visibility-map page covers. */
export const heapPagesPerMapPage = (pageSizeBytes - pageHeaderSizeBytes) * heapPagesPerByte;

/** Labels a visibility-map page, byte by byte; heap blocks count from the first that this map page covers. */
export function labelVisibilityMap(map: FieldMap): void {
  for (let at = pageHeaderSizeBytes; at < pageSizeBytes; at++) {
    const first = (at - pageHeaderSizeBytes) * heapPagesPerByte;
    map.claim(at, 1, `bits of heap blocks +${first}..+${first + heapPagesPerByte - 1}`);
  }
}

/** Labels a free-space-map page, FSMPageData (storage/fsm_internals.h, 14-18). */
export function labelFreeSpaceMap(map: FieldMap): void {
  map.claim(pageHeaderSizeBytes, 4, 'fp_next_slot');
  for (let at = pageHeaderSizeBytes + 4; at < pageSizeBytes; at++) {
    map.claim(at, 1, `fp_nodes[${at - pageHeaderSizeBytes - 4}]`);
  }
}
