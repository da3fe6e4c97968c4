import type { PageHeader } from './header.ts';
import { pageHeaderSizeBytes } from './header.ts';
import { labelPlainIndexTuple } from './index-tuple.ts';
import { clearDeadMarks, labelItems } from './label-items.ts';
import { pageSizeBytes } from './page-bytes.ts';
import type { PageLayout } from './page-layout.ts';

/** GIST_PAGE_ID: the last two bytes of a GiST page. */
export const gistPageId = 0xff81;

/** sizeof(GISTPageOpaqueData). */
const specialSizeBytes = 16;
const flagsOffset = 12;
/** F_LEAF, F_DELETED, F_FOLLOW_RIGHT, F_HAS_GARBAGE (access/gist.h, 14-18). */
export const gistFlag = { leaf: 0x01, deleted: 0x02, followRight: 0x08, hasGarbage: 0x10 } as const;

/** GiST indexes (access/gist.h, 14-18). */
export const gistLayout: PageLayout = {
  hasItems: (page, header) => (readFlags(page, header) & gistFlag.deleted) === 0,
  hasFreeSpace: () => true,
  label: (page, header, map) => {
    map.claimAll(header.special, pageSizeBytes, [
      ['nsn', 8],
      ['rightlink', 4],
      ['flags', 2],
      ['gist_page_id', 2],
    ]);
    if (!gistLayout.hasItems(page, header)) {
      // GISTDeletedPageContents
      map.claim(pageHeaderSizeBytes, 8, 'deleteXid');
      return;
    }
    labelItems(page, header, map, (item) => {
      labelPlainIndexTuple(page, item, map);
    });
  },
  clearHintBits: (page, header) => {
    const flags = readFlags(page, header);
    if ((flags & gistFlag.leaf) !== 0 && (flags & gistFlag.deleted) === 0) {
      page.writeUInt16LE(flags & ~gistFlag.hasGarbage, header.special + flagsOffset);
      clearDeadMarks(page, header);
    }
  },
};

function readFlags(page: Buffer, header: PageHeader): number {
  const fits = header.special >= pageHeaderSizeBytes && header.special + specialSizeBytes <= pageSizeBytes;
  return fits ? page.readUInt16LE(header.special + flagsOffset) : 0;
}
