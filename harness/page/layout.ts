import { FieldMap } from './field.ts';
import type { Field } from './field.ts';
import { hasSoundBounds, isNewPage, readPageHeader } from './header.ts';
import type { PageKind } from './kind.ts';
import { layouts } from './layouts.ts';
import { pageSizeBytes, requirePage } from './page-bytes.ts';

/**
 * Labels every byte of a page with PostgreSQL's own field names: ranges in order of offset, without gap or overlap.
 * Never fails on damaged content: what makes no sense is labelled less finely. Throws `page-size-invalid`.
 */
export function layoutOf(page: Buffer, kind: PageKind): readonly Field[] {
  requirePage(page);
  const map = new FieldMap();
  labelHeader(map);
  if (isNewPage(page)) {
    return map.fields('new page');
  }
  const header = readPageHeader(page);
  layouts[kind].label(page, header, map);
  if (hasSoundBounds(header) && layouts[kind].hasFreeSpace(page, header)) {
    map.claim(header.lower, header.upper - header.lower, 'free space');
    map.claim(header.special, pageSizeBytes - header.special, 'special space');
  }
  return map.fields(kind === 'other' || kind === 'generic' ? 'content' : 'no field');
}

/** The field that holds the byte at `offset`; undefined when that is not on the page. Throws `page-size-invalid`. */
export function field(page: Buffer, kind: PageKind, offset: number): Field | undefined {
  return layoutOf(page, kind).find((one) => offset >= one.offset && offset < one.offset + one.length);
}

function labelHeader(map: FieldMap): void {
  map.claimAll(0, pageSizeBytes, [
    ['pd_lsn', 8],
    ['pd_checksum', 2],
    ['pd_flags', 2],
    ['pd_lower', 2],
    ['pd_upper', 2],
    ['pd_special', 2],
    ['pd_pagesize_version', 2],
    ['pd_prune_xid', 4],
  ]);
}
