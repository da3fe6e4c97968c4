import type { PageKey } from '../../../harness/redo/page-key.ts';

const rmgrXlog = 0;
const rmgrHeap2 = 9;
const rmgrHeap = 10;
const infoFullPageImage = 0xb0;
const infoHeap2Visible = 0x40;
const infoHeapInsert = 0x00;
const blockHasImage = 0x10;
const blockHasData = 0x20;
const blockWillInit = 0x40;
const blockOfSameRelation = 0x80;
/** BKPIMAGE_APPLY, which 15 renumbered. */
const imageApplies = 0x02;
const imageAppliesIn14 = 0x04;
const mainDataShort = 255;
/** XLH_INSERT_ALL_VISIBLE_CLEARED. */
const allVisibleCleared = 0x01;

/** A WAL record as it stands in WAL, without a CRC, which walredo does not check (xlogrecord.h, 14 to 18). */
export function record(rmgr: number, info: number, ...rest: readonly Buffer[]): Buffer {
  const body = Buffer.concat(rest);
  const header = Buffer.alloc(24);
  header.writeUInt32LE(24 + body.length, 0);
  header.writeUInt8(info, 16);
  header.writeUInt8(rmgr, 17);
  return Buffer.concat([header, body]);
}

/** XLOG_FPI with one uncompressed image without a hole. */
export function fullPageImage(key: PageKey, page: Buffer, major: number): Buffer {
  return fullPageImages([[key, page]], major);
}

/** XLOG_FPI with several of them, of whatever pages. */
export function fullPageImages(
  pages: readonly (readonly [key: PageKey, page: Buffer])[],
  major: number,
): Buffer {
  const blocks = pages.flatMap(([key, page], id) => {
    const image = Buffer.alloc(5);
    image.writeUInt16LE(page.length, 0);
    image.writeUInt8(major < 15 ? imageAppliesIn14 : imageApplies, 4);
    return [blockHeader(key, blockHasImage, 0, id), image, blockTail(key)];
  });
  return record(rmgrXlog, infoFullPageImage, ...blocks, ...pages.map(([, page]) => page));
}

/**
 * XLOG_HEAP_INSERT of one tuple of one int4; `initialises` makes it the page's first. With `map` the insert clears the
 * heap block's bits in that page of the visibility map, and names it as 17.11, 18.6 and later do.
 */
export function heapInsert(
  key: PageKey,
  offsetNumber: number,
  value: number,
  initialises = false,
  map?: PageKey,
): Buffer {
  // xl_heap_header: infomask2 with one attribute, infomask, t_hoff; then the padding byte and the value.
  const tuple = Buffer.alloc(5 + 1 + 4);
  tuple.writeUInt16LE(1, 0);
  tuple.writeUInt16LE(0x0800, 2);
  tuple.writeUInt8(24, 4);
  tuple.writeInt32LE(value, 6);
  const insert = Buffer.alloc(3);
  insert.writeUInt16LE(offsetNumber, 0);
  insert.writeUInt8(map === undefined ? 0 : allVisibleCleared, 2);
  return record(
    rmgrHeap,
    infoHeapInsert | (initialises ? 0x80 : 0),
    blockHeader(key, blockHasData | (initialises ? blockWillInit : 0), tuple.length),
    blockTail(key),
    ...(map === undefined ? [] : [blockOfSameRelationAs(map, 1)]),
    Buffer.from([mainDataShort, insert.length]),
    tuple,
    insert,
  );
}

/** XLOG_HEAP2_VISIBLE: marks all of a heap block visible, in the map's page and in the block itself. */
export function heapVisible(heap: PageKey, map: PageKey): Buffer {
  const visible = Buffer.alloc(5);
  visible.writeUInt8(1, 4);
  return record(
    rmgrHeap2,
    infoHeap2Visible,
    blockHeader(map, 0, 0),
    blockTail(map),
    blockOfSameRelationAs(heap, 1),
    Buffer.from([mainDataShort, visible.length]),
    visible,
  );
}

function blockHeader(key: PageKey, flags: number, dataLength: number, id = 0): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt8(id, 0);
  header.writeUInt8(key.forkNumber | flags, 1);
  header.writeUInt16LE(dataLength, 2);
  return header;
}

/** A block without data of the relation that the block before it named. */
function blockOfSameRelationAs({ forkNumber, blockNumber }: PageKey, id: number): Buffer {
  const block = Buffer.alloc(8);
  block.writeUInt8(id, 0);
  block.writeUInt8(forkNumber | blockOfSameRelation, 1);
  block.writeUInt32LE(blockNumber, 4);
  return block;
}

function blockTail(key: PageKey): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32LE(key.spcOid, 0);
  bytes.writeUInt32LE(key.dbOid, 4);
  bytes.writeUInt32LE(key.relNumber, 8);
  bytes.writeUInt32LE(key.blockNumber, 12);
  return bytes;
}
