import { pageHeaderSizeBytes } from './header.ts';
import { pageSizeBytes } from './page-bytes.ts';
import type { PageLayout } from './page-layout.ts';

/** Two bits a heap page: all-visible, all-frozen (access/visibilitymapdefs.h, 14-18). */
const heapPagesPerByte = 4;

/** Visibility maps; heap blocks count from the first that this map page covers (visibilitymap.c, 14-18). */
export const visibilityMapLayout: PageLayout = {
  hasItems: () => false,
  hasFreeSpace: () => false,
  label: (_page, _header, map) => {
    for (let at = pageHeaderSizeBytes; at < pageSizeBytes; at++) {
      const first = (at - pageHeaderSizeBytes) * heapPagesPerByte;
      map.claim(at, 1, `bits of heap blocks +${first}..+${first + heapPagesPerByte - 1}`);
    }
  },
};

/** Free space maps, FSMPageData (storage/fsm_internals.h, 14-18). */
export const freeSpaceMapLayout: PageLayout = {
  hasItems: () => false,
  hasFreeSpace: () => false,
  label: (_page, _header, map) => {
    map.claim(pageHeaderSizeBytes, 4, 'fp_next_slot');
    for (let at = pageHeaderSizeBytes + 4; at < pageSizeBytes; at++) {
      map.claim(at, 1, `fp_nodes[${at - pageHeaderSizeBytes - 4}]`);
    }
  },
};
