import { samePage, visibilityMapFork, type PageKey } from '../redo/page-key.ts';
import { decodeRecord } from '../wal/decode.ts';
import { recordKind, rmgrName } from '../wal/names.ts';
import { rawRecordFromBytes } from '../wal/raw-record.ts';
import { visibilityMapBits } from '../wal/visibility-map-clears.ts';

/** A heap record that brings the page of the visibility map, whose bits it clears, as an image. */
export interface MapImage {
  /** As in `Heap DELETE`. */
  readonly record: string;
  readonly endLsn: number;
}

/**
 * The last record of a request that does so, if any does: redo of minors whose heap records do not name map pages (17.10
 * and 18.4; those of 17.11 and 18.6 do) clears the bits, but never looks for the image.
 * @throws RedoubtError `wal-corrupt-...` for a record that cannot be decoded.
 */
export function mapImageIn(
  key: PageKey,
  records: readonly { readonly endLsn: number; readonly bytes: Buffer }[],
  major: number,
): MapImage | undefined {
  if (key.forkNumber !== visibilityMapFork) return undefined;
  for (const { endLsn, bytes } of records.toReversed()) {
    const raw = rawRecordFromBytes(bytes, endLsn);
    const decoded = decodeRecord(raw, major);
    const own = decoded.blocks.find((block) => samePage(block, key));
    if (own?.applyImage !== true || visibilityMapBits(raw, decoded) === undefined) continue;
    const { rmgrId, info } = decoded;
    return { record: `${rmgrName(rmgrId, major)} ${recordKind(rmgrId, info, major)}`, endLsn };
  }
  return undefined;
}
