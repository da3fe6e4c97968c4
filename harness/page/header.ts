import { pageSizeBytes, requirePage } from './page-bytes.ts';

/** SizeOfPageHeaderData: where line pointers or other content begin. */
export const pageHeaderSizeBytes = 24;

/** pd_flags bits (storage/bufpage.h, 14-18). */
export const pageFlags = { hasFreeLines: 0x0001, pageFull: 0x0002, allVisible: 0x0004 } as const;

/** PageHeaderData as it is on the page, unjudged (storage/bufpage.h, 14-18, little-endian). */
export interface PageHeader {
  /** pd_lsn as a number; a damaged one beyond 2^53 - 1 is cut to that. */
  readonly lsn: number;
  /** pd_lsn as PostgreSQL prints it, exact in any case. */
  readonly lsnText: string;
  readonly checksum: number;
  readonly flags: number;
  readonly lower: number;
  readonly upper: number;
  readonly special: number;
  /** pd_pagesize_version: page size (a multiple of 256) plus layout version (4). */
  readonly pageSizeVersion: number;
  readonly pruneXid: number;
}

/** Reads a page's header; any bytes will do. Throws `page-size-invalid` when it is not 8,192 bytes. */
export function readPageHeader(page: Buffer): PageHeader {
  requirePage(page);
  const high = page.readUInt32LE(0);
  const low = page.readUInt32LE(4);
  return {
    lsn: Math.min(high * 0x1_0000_0000 + low, Number.MAX_SAFE_INTEGER),
    lsnText: `${high.toString(16).toUpperCase()}/${low.toString(16).toUpperCase()}`,
    checksum: page.readUInt16LE(8),
    flags: page.readUInt16LE(10),
    lower: page.readUInt16LE(12),
    upper: page.readUInt16LE(14),
    special: page.readUInt16LE(16),
    pageSizeVersion: page.readUInt16LE(18),
    pruneXid: page.readUInt32LE(20),
  };
}

/** PageIsNew: pd_upper is 0, as on a page that was only ever extended; such a page has no layout. */
export function isNewPage(page: Buffer): boolean {
  requirePage(page);
  return page.readUInt16LE(14) === 0;
}

/** True when lower, upper and special are where they can be (`PageIsVerified`, bufpage.c): only then is there free space to speak of. */
export function hasSoundBounds(header: PageHeader): boolean {
  return (
    header.lower >= pageHeaderSizeBytes &&
    header.lower <= header.upper &&
    header.upper <= header.special &&
    header.special <= pageSizeBytes
  );
}
