import { brinLayout } from './brin.ts';
import { btreeLayout } from './btree.ts';
import { ginLayout } from './gin.ts';
import { gistLayout } from './gist.ts';
import { hashLayout } from './hash.ts';
import { heapLayout } from './heap.ts';
import type { PageKind } from './kind.ts';
import { freeSpaceMapLayout, visibilityMapLayout } from './map-page.ts';
import type { PageLayout } from './page-layout.ts';
import { sequenceLayout } from './sequence.ts';
import { spgistLayout } from './spgist.ts';

/** A kind of which nothing is known: all of it counts. */
const otherLayout: PageLayout = {
  hasItems: () => false,
  hasFreeSpace: () => false,
  label: (_page, header, map) => {
    map.claim(header.special, map.sizeBytes - header.special, 'special space');
  },
};

/** The standard form, as generic WAL asks for it (access/transam/generic_xlog.c): what lies between the bounds is free. */
const genericLayout: PageLayout = { ...otherLayout, hasFreeSpace: () => true };

/** What Redoubt knows of each kind of page. */
export const layouts: Readonly<Record<PageKind, PageLayout>> = {
  heap: heapLayout,
  btree: btreeLayout,
  hash: hashLayout,
  gin: ginLayout,
  gist: gistLayout,
  spgist: spgistLayout,
  brin: brinLayout,
  sequence: sequenceLayout,
  'visibility-map': visibilityMapLayout,
  'free-space-map': freeSpaceMapLayout,
  generic: genericLayout,
  other: otherLayout,
};
