import type { Field } from './field.ts';
import { btreeOffset, indexTupleInfo, readItemPointerBlock } from './index-tuple.ts';
import type { PageKind } from './kind.ts';

/** t_tid of a btree's tuple is something else when t_info behind it says so (access/nbtree.h, 13-18). */
function btreePointer(page: Buffer, offset: number): string {
  const blockNumber = readItemPointerBlock(page, offset);
  const offsetNumber = page.readUInt16LE(offset + 4);
  if (offset + 8 > page.length || (page.readUInt16LE(offset + 6) & indexTupleInfo.reserved) === 0) {
    return `(${blockNumber},${offsetNumber})`;
  }
  const count = offsetNumber & btreeOffset.countMask;
  return (offsetNumber & btreeOffset.posting) === 0
    ? `pivot: downlink ${blockNumber}, ${count} attributes${(offsetNumber & btreeOffset.pivotHeapTid) === 0 ? '' : ' and heap TID'}`
    : `posting list of ${count}, ${blockNumber} bytes from here`;
}

const ginFlag = { leaf: 0x02, list: 0x10 } as const;

/** t_tid of a tuple on a leaf of the entry tree: its posting list or tree (access/ginblock.h, 14-18). */
function ginPointer(page: Buffer, offset: number): string {
  const blockNumber = readItemPointerBlock(page, offset);
  const offsetNumber = page.readUInt16LE(offset + 4);
  const pageFlags = page.readUInt16LE(page.length - 2);
  if ((pageFlags & ginFlag.leaf) === 0 || (pageFlags & ginFlag.list) !== 0) {
    return `(${blockNumber},${offsetNumber})`;
  }
  const compressed = blockNumber >= 0x8000_0000;
  return offsetNumber === 0xffff
    ? `posting tree, root block ${blockNumber}`
    : `${compressed ? 'compressed ' : ''}posting list of ${offsetNumber}, ${blockNumber % 0x8000_0000} bytes from here`;
}

/** What a field means that hangs on the kind of page or on what is beside it; undefined when it hangs on neither. */
export function readInContext(page: Buffer, kind: PageKind, field: Field, name: string): string | undefined {
  if (name === 't_tid' && field.length === 6) {
    switch (kind) {
      case 'btree':
        return btreePointer(page, field.offset);
      case 'gin':
        return ginPointer(page, field.offset);
      default:
        return undefined;
    }
  }
  // SpGistLeafTupleData and SpGistDeadTupleData; the nodes of inner tuples are index tuples.
  if (kind === 'spgist' && field.name.startsWith('t_info of item') && field.length === 2) {
    const value = page.readUInt16LE(field.offset);
    return `nextOffset ${value & 0x3fff}${(value & 0x8000) === 0 ? '' : ' INDEX_NULL_MASK'}`;
  }
  return undefined;
}
