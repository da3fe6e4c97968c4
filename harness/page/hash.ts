import type { FieldMap } from './field.ts';
import type { PageHeader } from './header.ts';
import { pageHeaderSizeBytes } from './header.ts';
import { labelPlainIndexTuple } from './index-tuple.ts';
import { clearDeadMarks, labelItems } from './label-items.ts';
import { pageSizeBytes } from './page-bytes.ts';
import type { PageLayout } from './page-layout.ts';

/** HASHO_PAGE_ID: the last two bytes of a hash page. */
export const hashPageId = 0xff80;

/** sizeof(HashPageOpaqueData). */
const specialSizeBytes = 16;
const flagOffset = 12;
/** hasho_flag (access/hash.h, 14-18). */
const flag = { overflow: 0x01, bucket: 0x02, bitmap: 0x04, meta: 0x08, hasDeadTuples: 0x80 } as const;
/** HASH_MAX_SPLITPOINTS and HASH_MAX_BITMAPS. */
const maxSplitpoints = 98;
const maxBitmaps = 1024;

/** Hash indexes (access/hash.h, 14-18). */
export const hashLayout: PageLayout = {
  hasItems: (page, header) => (readFlag(page, header) & (flag.overflow | flag.bucket)) !== 0,
  hasFreeSpace: (page, header) => hashLayout.hasItems(page, header) || header.lower > pageHeaderSizeBytes,
  label: (page, header, map) => {
    map.claimAll(header.special, pageSizeBytes, [
      ['hasho_prevblkno', 4],
      ['hasho_nextblkno', 4],
      ['hasho_bucket', 4],
      ['hasho_flag', 2],
      ['hasho_page_id', 2],
    ]);
    const kind = readFlag(page, header);
    if ((kind & flag.meta) !== 0) {
      labelMeta(map);
    } else if ((kind & flag.bitmap) !== 0) {
      const end = Math.min(header.lower, header.special);
      for (let at = pageHeaderSizeBytes; at < end; at += 4) {
        map.claim(at, Math.min(4, end - at), `bitmap word ${(at - pageHeaderSizeBytes) / 4}`);
      }
    } else if (hashLayout.hasItems(page, header)) {
      labelItems(page, header, map, (item) => {
        labelPlainIndexTuple(page, item, map);
      });
    }
  },
  clearHintBits: (page, header) => {
    if (hashLayout.hasItems(page, header)) {
      page.writeUInt16LE(readFlag(page, header) & ~flag.hasDeadTuples, header.special + flagOffset);
      clearDeadMarks(page, header);
    }
  },
};

function readFlag(page: Buffer, header: PageHeader): number {
  const fits = header.special >= pageHeaderSizeBytes && header.special + specialSizeBytes <= pageSizeBytes;
  return fits ? page.readUInt16LE(header.special + flagOffset) : 0;
}

/** HashMetaPageData. */
function labelMeta(map: FieldMap): void {
  const spares = map.claimAll(pageHeaderSizeBytes, pageSizeBytes, [
    ['hashm_magic', 4],
    ['hashm_version', 4],
    ['hashm_ntuples', 8],
    ['hashm_ffactor', 2],
    ['hashm_bsize', 2],
    ['hashm_bmsize', 2],
    ['hashm_bmshift', 2],
    ['hashm_maxbucket', 4],
    ['hashm_highmask', 4],
    ['hashm_lowmask', 4],
    ['hashm_ovflpoint', 4],
    ['hashm_firstfree', 4],
    ['hashm_nmaps', 4],
    ['hashm_procid', 4],
  ]);
  const maps = map.claimArray(spares, 4, maxSplitpoints, 'hashm_spares');
  const end = map.claimArray(maps, 4, maxBitmaps, 'hashm_mapp');
  map.claim(end, 4, 'padding of HashMetaPageData');
}
