import { RedoubtError } from '../../error.ts';
import { decodeRecord, type DecodedRecord } from '../../wal/decode.ts';
import { restoreImage } from '../../wal/image.ts';
import { formatLsn } from '../../wal/lsn.ts';
import { rmgrIds } from '../../wal/names.ts';
import { rawRecordFromBytes, type RawRecord } from '../../wal/raw-record.ts';
import { visibilityMapBits } from '../../wal/visibility-map-clears.ts';
import type { ModelledLineage } from '../lineage/lineage.ts';
import type { SpilledRecord } from '../lineage/lineage-spill.ts';
import { formatPageKey, visibilityMapFork, type PageKey } from '../page-key.ts';
import {
  allFrozen,
  allVisibilityBits,
  clearVisibilityMapFlags,
  mapPosition,
  setVisibilityMapFlags,
  truncateVisibilityMap,
  writePageLsn,
} from './pageserver-model.ts';

/** The life of one page of the visibility map. */
export interface VisibilityMapLife {
  /** What walredo is asked: one request for each stretch of records between two changes of the pageserver's own. */
  readonly lineages: readonly ModelledLineage[];
  /** The page at the end. */
  readonly finalPage: Buffer;
}

const pageBytes = 8192;
const heapOperationMask = 0x70;
const heap2Visible = 0x40;
/** xl_heap_visible: a transaction id, then the flags (heapam_xlog.h, 14-18). */
const visibleFlagsOffset = 4;

/**
 * Cuts the life of a page of the visibility map at each change that a pageserver makes by itself; the page as the model
 * has it then is the next request's base. `bytes` holds the events' records and payloads, in WAL order.
 * @throws RedoubtError `visibility-map-unmodelled` for a record that changes the map in a way that is not known.
 */
export function visibilityMapLife(
  key: PageKey,
  events: readonly SpilledRecord[],
  bytes: Buffer,
  major: number,
  base: Buffer | undefined,
): VisibilityMapLife {
  const page = Buffer.alloc(pageBytes);
  base?.copy(page);
  const lineages: ModelledLineage[] = [];
  let pushed = base === undefined ? undefined : Buffer.from(page);
  let records: SpilledRecord[] = [];
  const cut = (): void => {
    const [first] = records;
    if (first === undefined) return;
    const initialised = first.role === 'initialising';
    const origin = initialised ? 'initialised' : pushed === undefined ? 'zero' : 'base';
    const expected = Buffer.from(page);
    lineages.push({ key, origin, base: initialised ? undefined : pushed, records, expected });
    records = [];
  };
  for (const event of events) {
    if (event.role === 'clear' || event.role === 'truncate') {
      cut();
      applyOwnChange(page, event, bytes);
      pushed = Buffer.from(page);
    } else {
      if (event.role === 'initialising') records = [];
      records.push(event);
      applyRecord(page, key, event, bytes, major);
    }
  }
  cut();
  return { lineages, finalPage: page };
}

function applyOwnChange(page: Buffer, { role, recordOffset }: SpilledRecord, bytes: Buffer): void {
  const heapBlock = bytes.readUInt32LE(recordOffset);
  if (role === 'truncate') truncateVisibilityMap(page, heapBlock);
  else clearVisibilityMapFlags(page, heapBlock, bytes.readUInt32LE(recordOffset + 4));
}

/** What redo of a record does to the map page. */
function applyRecord(page: Buffer, key: PageKey, event: SpilledRecord, bytes: Buffer, major: number): void {
  const record = bytes.subarray(event.recordOffset, event.recordOffset + event.recordBytes);
  const raw = rawRecordFromBytes(record, event.endLsn);
  const decoded = decodeRecord(raw, major);
  const own = decoded.blocks.find(
    (block) => block.forkNumber === visibilityMapFork && block.blockNumber === key.blockNumber,
  );
  if (own?.applyImage === true) {
    restoreImage(raw, own, page);
    writePageLsn(page, event.endLsn);
    return;
  }
  if (decoded.rmgrId === rmgrIds.heap2 && (decoded.info & heapOperationMask) === heap2Visible) {
    applyVisible(page, raw, decoded, event.endLsn);
    return;
  }
  const cleared = visibilityMapBits(raw, decoded);
  if (cleared === undefined) throw unmodelled(key, event);
  for (const { heapBlock, bits } of cleared.heapBlocks) {
    if (mapPosition(heapBlock).mapBlock !== key.blockNumber) continue;
    clearVisibilityMapFlags(page, heapBlock, bits === 'all' ? allVisibilityBits : allFrozen);
  }
  writePageLsn(page, event.endLsn);
}

function applyVisible(page: Buffer, raw: RawRecord, decoded: DecodedRecord, endLsn: number): void {
  const heap = decoded.blocks.find((block) => block.forkNumber !== visibilityMapFork);
  const flags = raw.bytes[decoded.mainDataOffset + visibleFlagsOffset];
  if (heap === undefined || flags === undefined) return;
  setVisibilityMapFlags(page, heap.blockNumber, flags & allVisibilityBits, endLsn);
}

function unmodelled(key: PageKey, { endLsn }: SpilledRecord): RedoubtError {
  return new RedoubtError(
    'infrastructure',
    'visibility-map-unmodelled',
    `${formatPageKey(key)}: the record that ends at ${formatLsn(endLsn)} changes the visibility map in an unknown way`,
    { remedy: 'Keep the capture and report it.' },
  );
}
