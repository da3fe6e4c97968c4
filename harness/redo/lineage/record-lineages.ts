import { isNewPage } from '../../page/header.ts';
import { decodeRecord } from '../../wal/decode.ts';
import { restoreImage } from '../../wal/image.ts';
import { rawRecordFromBytes } from '../../wal/raw-record.ts';
import { withoutBase, type ModelledLineage } from './lineage.ts';
import type { SpilledRecord } from './lineage-spill.ts';
import { writePageLsn } from '../pageserver/pageserver-model.ts';
import { samePage, type PageKey } from '../page-key.ts';

/**
 * Cuts the life of a page at each record whose after-image `wal_consistency_checking` put into the WAL: page before,
 * record, page after, so that the first bad record of a page is found and not only the bad page. Records without an
 * image go together with the next one that has one; those behind the last image are judged by nobody here.
 * @throws RedoubtError `lineage-without-base` when the first record needs a page that nobody has.
 */
export function recordLineages(
  key: PageKey,
  records: readonly SpilledRecord[],
  bytes: Buffer,
  major: number,
  base: Buffer | undefined,
): readonly ModelledLineage[] {
  const lineages: ModelledLineage[] = [];
  let before: Buffer | undefined = base === undefined ? undefined : Buffer.from(base);
  let pending: SpilledRecord[] = [];
  for (const record of records) {
    const initialises = record.role === 'initialising';
    if (initialises) pending = [];
    pending.push(record);
    const expected = afterImage(key, record, bytes, major);
    if (expected === undefined) continue;
    const first = pending[0] ?? record;
    const origin = first.role === 'initialising' ? 'initialised' : 'base';
    if (origin === 'base' && before === undefined) throw withoutBase(key, first.endLsn);
    lineages.push({ key, origin, base: origin === 'base' ? before : undefined, records: pending, expected });
    before = expected;
    pending = [];
  }
  return lineages;
}

/**
 * The page after the record as the record itself carries it, undefined when it carries none: an image has the LSN from
 * before its record.
 */
export function afterImage(
  key: PageKey,
  record: SpilledRecord,
  bytes: Buffer,
  major: number,
): Buffer | undefined {
  const raw = rawRecordFromBytes(
    bytes.subarray(record.recordOffset, record.recordOffset + record.recordBytes),
    record.endLsn,
  );
  const block = decodeRecord(raw, major).blocks.find((each) => samePage(each, key));
  if (block?.hasImage !== true) return undefined;
  const page = restoreImage(raw, block);
  if (!isNewPage(page)) writePageLsn(page, record.endLsn);
  return page;
}
