import { RedoubtError } from '../../error.ts';
import { decodeRecord, rawRecordFromBytes, type BlockReference } from '../../wal/decode.ts';
import { formatLsn } from '../../wal/lsn.ts';
import { recordKind, rmgrName } from '../../wal/names.ts';
import { type RecordField, recordFields } from '../../wal/record-fields.ts';
import { forkName, samePage, type PageKey } from '../page-key.ts';

/** A record in words, as it concerns one page. */
export interface ExplainedRecord {
  readonly endLsn: string;
  readonly rmgr: string;
  /** As pg_waldump prints it; empty for a record that cannot be decoded. */
  readonly kind: string;
  readonly xid: number | null;
  readonly lengthBytes: number;
  /** Each block that it names: `#0 this page (init, data 120)`; the reason for a record that cannot be decoded. */
  readonly blocks: readonly string[];
  /** The fields of its main data, by PostgreSQL's own names, as far as they are known. */
  readonly fields: readonly RecordField[];
  /** Its main data, and what it brings for this page, in hexadecimal, cut after 256 bytes. */
  readonly mainData: string;
  readonly blockData: string;
}

const shownBytes = 256;

/** Takes a record apart for people. One that cannot be decoded is shown with the reason: it may be what is being looked for. */
export function explainRecord(major: number, key: PageKey, bytes: Buffer, endLsn: number): ExplainedRecord {
  const place = { endLsn: formatLsn(endLsn), lengthBytes: bytes.length };
  try {
    const { rmgrId, info, xid, blocks, mainDataOffset, mainDataLength } = decodeRecord(
      rawRecordFromBytes(bytes, endLsn),
      major,
    );
    const mainData = bytes.subarray(mainDataOffset, mainDataOffset + mainDataLength);
    const here = blocks.find((block) => samePage(key, block));
    const [rmgr, kind] = [rmgrName(rmgrId, major), recordKind(rmgrId, info, major)];
    return {
      ...place,
      rmgr,
      kind,
      xid,
      blocks: blocks.map((block) => describeBlock(key, block)),
      fields: recordFields(rmgr, kind, mainData, major),
      mainData: mainData.toString('hex', 0, shownBytes),
      blockData:
        here === undefined
          ? ''
          : bytes.toString('hex', here.dataOffset, here.dataOffset + Math.min(here.dataLength, shownBytes)),
    };
  } catch (error) {
    if (!(error instanceof RedoubtError)) throw error;
    const nothing = { xid: null, fields: [], mainData: '', blockData: '' };
    return { ...place, ...nothing, rmgr: 'damaged', kind: '', blocks: [error.message] };
  }
}

function describeBlock(key: PageKey, block: BlockReference): string {
  const isHere = samePage(key, block);
  const isSameRelation =
    block.relNumber === key.relNumber && block.dbOid === key.dbOid && block.spcOid === key.spcOid;
  const near = `${forkName(block.forkNumber)} ${block.blockNumber}`;
  const far = `${block.spcOid}/${block.dbOid}/${block.relNumber} ${near}`;
  const parts = [
    block.willInit ? 'init' : '',
    block.image === undefined ? '' : `${block.applyImage ? 'image' : 'image to check'} ${block.image.length}`,
    block.dataLength === 0 ? '' : `data ${block.dataLength}`,
  ].filter((part) => part !== '');
  const more = parts.length === 0 ? '' : ` (${parts.join(', ')})`;
  return `#${block.id} ${isHere ? 'this page' : isSameRelation ? near : far}${more}`;
}
