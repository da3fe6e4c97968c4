import { readLsnText } from './bytes.ts';
import { walCorrupt } from './corruption.ts';
import type { BlockImage, BlockReference, DecodedRecord, ImageCompression } from './decoded-record.ts';
import type { RawRecord } from './raw-record.ts';
import { recordHeaderSizeBytes } from './raw-record.ts';
import type { WalFormat } from './wal-format.ts';
import { walFormat } from './wal-format.ts';

/** BLCKSZ: the size of a relation page in bytes. */
const blockSizeBytes = 8192;
/** XLR_MAX_BLOCK_ID and the reserved ids above it (xlogrecord.h). */
const maxBlockId = 32;
const idTopLevelXid = 252;
const idOrigin = 253;
const idDataLong = 254;
const idDataShort = 255;

export { rawRecordFromBytes } from './raw-record.ts';

export type { BlockImage, BlockReference, DecodedRecord, ImageCompression } from './decoded-record.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type MutableBlock = Mutable<BlockReference>;
type MutableImage = Mutable<BlockImage>;
type MutableRecord = Mutable<Omit<DecodedRecord, 'blocks'>> & { blocks: readonly MutableBlock[] };

/**
 * Decodes the records of one major into one object that it reuses: the result, its blocks and images are valid until
 * the following `decode`. For what must be kept use {@link decodeRecord}.
 */
export class RecordDecoder {
  readonly #format: WalFormat;
  readonly #blockPool: MutableBlock[] = [];
  /** The first blocks of the pool by their number: a record costs no new array. */
  readonly #blockLists: (readonly MutableBlock[])[] = [[]];
  readonly #imagePool: MutableImage[] = [];
  readonly #result: MutableRecord = {
    rmgrId: 0,
    info: 0,
    xid: 0,
    prevLsn: 0,
    blocks: [],
    mainDataOffset: 0,
    mainDataLength: 0,
    topXid: undefined,
    originId: undefined,
  };
  #raw: RawRecord | undefined;
  #bytes: Buffer = Buffer.alloc(0);
  /** The memory of `#bytes`: reads of any alignment are one load each. */
  #view = viewOf(this.#bytes);

  /** Throws `wal-major-unsupported` for a major that is not known. */
  constructor(major: number) {
    this.#format = walFormat(major);
  }

  /**
   * Decodes one record as `DecodeXLogRecord` does (xlogreader.c, 14-18), with every check that it makes; throws
   * `wal-corrupt-block-reference` (`-record-header` for xl_prev), naming field, LSN and the byte in the record.
   */
  decode(raw: RawRecord): DecodedRecord {
    this.#raw = raw;
    const { bytes, offset, length } = raw;
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = viewOf(bytes);
    }
    const view = this.#view;
    const end = offset + length;
    const result = this.#result;
    result.xid = view.getUint32(offset + 4, true);
    result.prevLsn = view.getUint32(offset + 12, true) * 0x1_0000_0000 + view.getUint32(offset + 8, true);
    result.info = bytes[offset + 16]!;
    result.rmgrId = bytes[offset + 17]!;
    result.topXid = undefined;
    result.originId = undefined;
    if (!Number.isSafeInteger(result.prevLsn)) {
      const problem = `${readLsnText(bytes, offset + 8)} is beyond 2^53`;
      throw walCorrupt('record-header', problem, { lsn: raw.startLsn, field: 'xl_prev', recordOffset: 8 });
    }
    const dataStart = this.#readHeaders(bytes, offset + recordHeaderSizeBytes, end);
    this.#placeData(dataStart);
    return result;
  }

  /** Reads all fragment headers; returns where the data begins, having checked that headers and data fill the record exactly. */
  #readHeaders(bytes: Buffer, start: number, end: number): number {
    const result = this.#result;
    let blockCount = 0;
    let dataTotal = 0;
    let at = start;
    result.mainDataLength = 0;
    while (end - at > dataTotal) {
      const id = bytes[at]!;
      if (id <= maxBlockId) {
        const block = this.#block(blockCount);
        at = this.#readBlockHeader(bytes, at, end, block, blockCount);
        blockCount++;
        dataTotal += block.dataLength + (block.image === undefined ? 0 : block.image.length);
      } else if (id === idDataShort) {
        this.#need(at, 2, end, 'XLogRecordDataHeaderShort');
        result.mainDataLength = bytes[at + 1]!;
        dataTotal += result.mainDataLength;
        at += 2;
        break;
      } else if (id === idDataLong) {
        this.#need(at, 5, end, 'XLogRecordDataHeaderLong');
        result.mainDataLength = this.#view.getUint32(at + 1, true);
        dataTotal += result.mainDataLength;
        at += 5;
        break;
      } else if (id === idOrigin) {
        this.#need(at, 3, end, 'replorigin_session_origin');
        result.originId = this.#view.getUint16(at + 1, true);
        at += 3;
      } else if (id === idTopLevelXid) {
        this.#need(at, 5, end, 'toplevel_xid');
        result.topXid = this.#view.getUint32(at + 1, true);
        at += 5;
      } else {
        throw this.#corrupt(at, 'id', `block id ${id} is neither a block's nor a reserved one`);
      }
    }
    if (end - at !== dataTotal) {
      throw this.#corrupt(at, 'data_length', `${dataTotal} bytes of data are announced, ${end - at} follow`);
    }
    result.blocks = this.#blockLists[blockCount] ??= this.#blockPool.slice(0, blockCount);
    return at;
  }

  #readBlockHeader(bytes: Buffer, start: number, end: number, block: MutableBlock, index: number): number {
    this.#need(start, 4, end, 'XLogRecordBlockHeader');
    const view = this.#view;
    const id = bytes[start]!;
    const previous = index === 0 ? undefined : this.#blockPool[index - 1];
    if (previous !== undefined && id <= previous.id) {
      throw this.#corrupt(start, 'id', `block id ${id} after ${previous.id} is out of order`);
    }
    const flags = bytes[start + 1]!;
    const hasData = (flags & 0x20) !== 0;
    block.id = id;
    block.forkNumber = flags & 0x0f;
    block.hasImage = (flags & 0x10) !== 0;
    block.willInit = (flags & 0x40) !== 0;
    block.applyImage = false;
    block.image = undefined;
    block.dataLength = view.getUint16(start + 2, true);
    if (hasData !== (block.dataLength !== 0)) {
      const flag = hasData ? 'set' : 'not set';
      throw this.#corrupt(
        start + 2,
        'data_length',
        `BKPBLOCK_HAS_DATA is ${flag} but the length is ${block.dataLength}`,
      );
    }
    let at = start + 4;
    if (block.hasImage) {
      at = this.#readImageHeader(bytes, at, end, block, index);
    }
    if ((flags & 0x80) === 0) {
      this.#need(at, 16, end, 'rlocator');
      block.spcOid = view.getUint32(at, true);
      block.dbOid = view.getUint32(at + 4, true);
      block.relNumber = view.getUint32(at + 8, true);
      at += 12;
    } else if (previous === undefined) {
      throw this.#corrupt(start + 1, 'fork_flags', 'BKPBLOCK_SAME_REL is set but no block precedes');
    } else {
      this.#need(at, 4, end, 'blkno');
      block.spcOid = previous.spcOid;
      block.dbOid = previous.dbOid;
      block.relNumber = previous.relNumber;
    }
    block.blockNumber = view.getUint32(at, true);
    return at + 4;
  }

  #readImageHeader(bytes: Buffer, start: number, end: number, block: MutableBlock, index: number): number {
    this.#need(start, 5, end, 'XLogRecordBlockImageHeader');
    const view = this.#view;
    const image = this.#image(index);
    const info = bytes[start + 4]!;
    const hasHole = (info & 0x01) !== 0;
    let at = start + 5;
    image.length = view.getUint16(start, true);
    image.holeOffset = view.getUint16(start + 2, true);
    image.compression = this.#compression(start + 4, info);
    const compressed = image.compression !== 'none';
    if (!compressed) {
      image.holeLength = blockSizeBytes - image.length;
    } else if (hasHole) {
      this.#need(at, 2, end, 'XLogRecordBlockCompressHeader');
      image.holeLength = view.getUint16(at, true);
      at += 2;
    } else {
      image.holeLength = 0;
    }
    const { length, holeOffset, holeLength } = image;
    const sound = hasHole
      ? holeOffset > 0 &&
        holeLength > 0 &&
        length < blockSizeBytes &&
        holeOffset + holeLength <= blockSizeBytes
      : holeOffset === 0 && holeLength === 0 && (!compressed || length < blockSizeBytes);
    if (!sound) {
      throw this.#corrupt(
        start,
        'bimg_len',
        `image of ${length} bytes, hole ${hasHole ? '' : 'not '}announced, hole_offset ${holeOffset}, hole_length ${holeLength}, compression ${image.compression} do not agree`,
      );
    }
    block.applyImage = (info & (this.#format.imageInfo === 'single-bit' ? 0x04 : 0x02)) !== 0;
    block.image = image;
    return at;
  }

  #compression(at: number, info: number): ImageCompression {
    if (this.#format.imageInfo === 'single-bit') {
      return (info & 0x02) === 0 ? 'none' : 'pglz';
    }
    switch (info & 0x1c) {
      case 0x00:
        return 'none';
      case 0x04:
        return 'pglz';
      case 0x08:
        return 'lz4';
      case 0x10:
        return 'zstd';
      default:
        throw this.#corrupt(at, 'bimg_info', `0x${info.toString(16)} names more than one compression method`);
    }
  }

  /** The data follows the headers: for each block its image, then its data; at last the main data. */
  #placeData(start: number): void {
    let at = start;
    for (const block of this.#result.blocks) {
      if (block.image !== undefined) {
        (block.image as MutableImage).offset = at;
        at += block.image.length;
      }
      block.dataOffset = at;
      at += block.dataLength;
    }
    this.#result.mainDataOffset = at;
  }

  #block(index: number): MutableBlock {
    return (this.#blockPool[index] ??= {
      id: 0,
      forkNumber: 0,
      spcOid: 0,
      dbOid: 0,
      relNumber: 0,
      blockNumber: 0,
      willInit: false,
      hasImage: false,
      applyImage: false,
      image: undefined,
      dataOffset: 0,
      dataLength: 0,
    });
  }

  #image(index: number): MutableImage {
    return (this.#imagePool[index] ??= {
      offset: 0,
      length: 0,
      holeOffset: 0,
      holeLength: 0,
      compression: 'none',
    });
  }

  #need(at: number, size: number, end: number, field: string): void {
    if (end - at < size) {
      throw this.#corrupt(at, field, `${size} bytes are needed, ${end - at} are left in the record`);
    }
  }

  #corrupt(at: number, field: string, problem: string): Error {
    const raw = this.#raw!;
    return walCorrupt('block-reference', problem, {
      lsn: raw.startLsn,
      field,
      recordOffset: at - raw.offset,
    });
  }
}

/** Decodes one record of a major into a value that may be kept; see {@link RecordDecoder}, which is faster over many. */
export function decodeRecord(raw: RawRecord, major: number): DecodedRecord {
  return new RecordDecoder(major).decode(raw);
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
