import { labelHeapTuple } from './heap.ts';
import { labelItems } from './label-items.ts';
import type { PageLayout } from './page-layout.ts';

/** SEQ_MAGIC (commands/sequence.c, 14-18): the first four bytes of a sequence page's special space. */
export const sequenceMagic = 0x1717;

/** The columns of a sequence's only tuple, FormData_pg_sequence_data (commands/sequence.h, 14-18). */
const columns: readonly (readonly [name: string, length: number])[] = [
  ['last_value', 8],
  ['log_cnt', 8],
  ['is_called', 1],
];

/** Sequences: one page with one tuple. */
export const sequenceLayout: PageLayout = {
  hasItems: () => true,
  hasFreeSpace: () => true,
  label: (page, header, map) => {
    map.claim(header.special, 4, 'magic');
    labelItems(page, header, map, (item) => {
      labelHeapTuple(page, item, columns, map);
    });
  },
};
