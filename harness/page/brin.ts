import type { FieldMap } from './field.ts';
import type { PageHeader } from './header.ts';
import { pageHeaderSizeBytes } from './header.ts';
import { itemPointerSizeBytes } from './index-tuple.ts';
import type { Item } from './item.ts';
import { labelItems } from './label-items.ts';
import { pageSizeBytes } from './page-bytes.ts';
import type { PageLayout } from './page-layout.ts';

/** BrinPageType (access/brin_page.h, 14-18): the last two bytes of a BRIN page. */
export const brinPageType = { meta: 0xf091, revmap: 0xf092, regular: 0xf093 } as const;

/** sizeof(BrinSpecialSpace). */
const specialSizeBytes = 8;

/** BRIN indexes: meta page, range map, summaries (access/brin_page.h and brin_tuple.h, 14-18). */
export const brinLayout: PageLayout = {
  hasItems: (page, header) => readType(page, header) === brinPageType.regular,
  // The range map fills the place between pd_lower and pd_upper; so did the meta page's fields once.
  hasFreeSpace: (page, header) =>
    readType(page, header) === brinPageType.regular ||
    (readType(page, header) === brinPageType.meta && header.lower > pageHeaderSizeBytes),
  label: (page, header, map) => {
    map.claimAll(header.special, pageSizeBytes, [
      ['vector[0..1] (unused)', 4],
      ['BrinPageFlags', 2],
      ['BrinPageType', 2],
    ]);
    switch (readType(page, header)) {
      case brinPageType.meta:
        labelMeta(map);
        return;
      case brinPageType.revmap: {
        const room = header.special - pageHeaderSizeBytes;
        const count = Math.floor(room / itemPointerSizeBytes);
        map.claimArray(pageHeaderSizeBytes, itemPointerSizeBytes, count, 'rm_tids');
        return;
      }
      case brinPageType.regular:
        labelItems(page, header, map, (item) => {
          labelTuple(page, item, map);
        });
        return;
      default:
    }
  },
};

function readType(page: Buffer, header: PageHeader): number {
  const fits = header.special >= pageHeaderSizeBytes && header.special + specialSizeBytes <= pageSizeBytes;
  return fits ? page.readUInt16LE(header.special + 6) : 0;
}

/** BrinMetaPageData. */
function labelMeta(map: FieldMap): void {
  map.claimAll(pageHeaderSizeBytes, pageSizeBytes, [
    ['brinMagic', 4],
    ['brinVersion', 4],
    ['pagesPerRange', 4],
    ['lastRevmapPage', 4],
  ]);
}

/** In bt_info: where the values begin. */
const dataOffsetMask = 0x1f;

/** BrinTuple: range start, flags, null bits, one summary. */
function labelTuple(page: Buffer, item: Item, map: FieldMap): void {
  const of = `of item ${item.number}`;
  const end = item.offset + item.length;
  const at = map.claimAll(item.offset, end, [
    [`bt_blkno ${of}`, 4],
    [`bt_info ${of}`, 1],
  ]);
  if (item.length <= 4) {
    return;
  }
  const dataStart = Math.min(item.offset + (page[item.offset + 4]! & dataOffsetMask), end);
  map.claim(at, dataStart - at, `null bits and padding ${of}`);
  map.claim(dataStart, end - dataStart, `values ${of}`);
}
