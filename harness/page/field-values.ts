import { brinPageType } from './brin.ts';
import type { Field } from './field.ts';
import { readInContext } from './field-context.ts';
import { flagNames, namesOfFlags } from './flag-names.ts';
import type { FlagNames } from './flag-names.ts';
import { readItemPointerBlock } from './index-tuple.ts';
import { keyTexts, keyTextWords } from './key/key-text.ts';
import type { PageKind } from './kind.ts';

/** Says what the bytes of a field mean; undefined when they say nothing beyond themselves. */
type Reading = (bytes: Buffer) => string | undefined;

const noBlock = 0xffff_ffff;

function unsigned(bytes: Buffer): string {
  return bytes.length === 8 ? String(bytes.readBigUInt64LE()) : String(bytes.readUIntLE(0, bytes.length));
}

function hexadecimal(bytes: Buffer): string {
  return `0x${bytes
    .readUIntLE(0, bytes.length)
    .toString(16)
    .padStart(2 * bytes.length, '0')}`;
}

/** A reading of exactly so many bytes: a damaged page's end may cut a field off. */
function sized(length: number, read: (bytes: Buffer) => string): Reading {
  return (bytes) => (bytes.length === length ? read(bytes) : undefined);
}

const block = sized(4, (bytes) => {
  const value = bytes.readUInt32LE();
  return value === noBlock ? 'InvalidBlockNumber' : String(value);
});

const lsn = sized(8, (bytes) =>
  [bytes.readUInt32LE(0), bytes.readUInt32LE(4)].map((half) => half.toString(16).toUpperCase()).join('/'),
);

const pointer = sized(6, (bytes) => `(${readItemPointerBlock(bytes, 0)},${bytes.readUInt16LE(4)})`);
const int64 = sized(8, (bytes) => String(bytes.readBigInt64LE()));
const double = sized(8, (bytes) => String(bytes.readDoubleLE()));
const boolean = sized(1, (bytes) => String(bytes[0] !== 0));

function flags(names: FlagNames): Reading {
  return (bytes) => namesOfFlags(bytes.readUIntLE(0, bytes.length), names) || '0';
}

/** SpecTokenOffsetNumber and MovedPartitionsOffsetNumber (storage/itemptr.h, access/htup_details.h). */
const heapPointer = sized(6, (bytes) => {
  const offsetNumber = bytes.readUInt16LE(4);
  const blockNumber = readItemPointerBlock(bytes, 0);
  switch (offsetNumber) {
    case 0xfffe:
      return `speculative insertion ${blockNumber}`;
    case 0xfffd:
      return 'moved to another partition';
    default:
      return `(${blockNumber},${offsetNumber})`;
  }
});

const linePointerStates = ['LP_UNUSED', 'LP_NORMAL', 'LP_REDIRECT', 'LP_DEAD'];

const linePointer = sized(4, (bytes) => {
  const bits = bytes.readUInt32LE();
  const state = linePointerStates[(bits >>> 15) & 3];
  return `lp_off ${bits & 0x7fff}, ${state}, lp_len ${bits >>> 17}`;
});

const attributesAndFlags = sized(2, (bytes) => {
  const value = bytes.readUInt16LE();
  return `${value & 0x07ff} attributes ${namesOfFlags(value & ~0x07ff, flagNames.infomask2)}`.trimEnd();
});

const indexTupleInfo = sized(2, (bytes) => {
  const value = bytes.readUInt16LE();
  return `size ${value & 0x1fff} ${namesOfFlags(value & ~0x1fff, flagNames.indexTuple)}`.trimEnd();
});

/** In t_bits a set bit is a column that is not null. */
function nullBits(bytes: Buffer): string {
  return [...bytes]
    .map((byte) => byte.toString(2).padStart(8, '0').split('').toReversed().join(''))
    .join(' ');
}

/** visibilitymap.c: two bits a heap block, the lower one all-visible, the upper one all-frozen. */
const visibility = sized(1, (bytes) => {
  const shown = ['-', 'visible', 'frozen alone', 'frozen'];
  return [0, 2, 4, 6].map((shift) => shown[(bytes[0]! >>> shift) & 3]).join(', ');
});

const spgistTupleStates = ['SPGIST_LIVE', 'SPGIST_REDIRECT', 'SPGIST_DEAD', 'SPGIST_PLACEHOLDER'];

const spgistTuple = sized(4, (bytes) => {
  const bits = bytes.readUInt32LE();
  return `${spgistTupleStates[bits & 3]}, size ${bits >>> 2}`;
});

const spgistInnerTuple = sized(4, (bytes) => {
  const bits = bytes.readUInt32LE();
  const allTheSame = (bits & 4) === 0 ? '' : 'allTheSame, ';
  return `${spgistTupleStates[bits & 3]}, ${allTheSame}nNodes ${(bits >>> 3) & 0x1fff}, prefixSize ${bits >>> 16}`;
});

const brinInfo = sized(1, (bytes) => {
  const value = bytes[0]!;
  return `data at ${value & 0x1f} ${namesOfFlags(value & ~0x1f, flagNames.brinTuple)}`.trimEnd();
});

const brinTypeNames: ReadonlyMap<number, string> = new Map([
  [brinPageType.meta, 'BRIN_PAGETYPE_META'],
  [brinPageType.revmap, 'BRIN_PAGETYPE_REVMAP'],
  [brinPageType.regular, 'BRIN_PAGETYPE_REGULAR'],
]);

const brinType = sized(2, (bytes) => {
  return brinTypeNames.get(bytes.readUInt16LE()) ?? hexadecimal(bytes);
});

/** Bytes as text where they are that, at least in part. */
function printable(bytes: Buffer): string | undefined {
  const text = bytes.toString('latin1');
  return /[ -~]{3}/.test(text) ? `"${text.replaceAll(/[^ -~]/g, '.')}"` : undefined;
}

const readings: Readonly<Record<string, Reading>> = {
  pd_lsn: lsn,
  pd_checksum: hexadecimal,
  pd_flags: flags(flagNames.page),
  pd_pagesize_version: (bytes) => `size ${bytes.readUInt16LE() & 0xff00}, version ${bytes[0]!}`,
  pd_linp: linePointer,
  t_ctid: heapPointer,
  t_infomask2: attributesAndFlags,
  t_infomask: flags(flagNames.infomask),
  t_bits: nullBits,
  last_value: int64,
  log_cnt: int64,
  is_called: boolean,
  magic: hexadecimal,
  t_tid: pointer,
  t_info: indexTupleInfo,
  posting: pointer,
  'heap TID': pointer,
  btpo_flags: flags(flagNames.btree),
  btm_magic: hexadecimal,
  btm_last_cleanup_num_heap_tuples: double,
  btm_allequalimage: boolean,
  hasho_prevblkno: block,
  hasho_nextblkno: block,
  hasho_bucket: (bytes) =>
    bytes.readUIntLE(0, bytes.length) === noBlock ? 'InvalidBucket' : unsigned(bytes),
  hasho_flag: flags(flagNames.hash),
  hasho_page_id: hexadecimal,
  'bitmap word': hexadecimal,
  hashm_magic: hexadecimal,
  hashm_ntuples: double,
  rightlink: block,
  head: block,
  tail: block,
  'right bound': pointer,
  'key of posting item': pointer,
  'first of posting list': pointer,
  nsn: lsn,
  gist_page_id: hexadecimal,
  spgist_page_id: hexadecimal,
  magicNumber: hexadecimal,
  'lastUsedPages.blkno': block,
  'tupstate, size': spgistTuple,
  'tupstate, allTheSame, nNodes, prefixSize': spgistInnerTuple,
  heapPtr: pointer,
  pointer,
  BrinPageFlags: flags(flagNames.brin),
  BrinPageType: brinType,
  brinMagic: hexadecimal,
  bt_info: brinInfo,
  rm_tids: pointer,
  'bits of heap blocks': visibility,
};

const flagsOfKind: Readonly<Partial<Record<PageKind, Reading>>> = {
  gin: flags(flagNames.gin),
  gist: flags(flagNames.gist),
  spgist: flags(flagNames.spgist),
};

/** Fields that hold the keys of an index: of SP-GiST's tuples, what leaves and inner nodes have of them. */
export const keyNames: ReadonlySet<string> = new Set(['key', 'values', 'datum', 'prefix']);

/** A key of which only the bytes are known is shown as text when it has so many characters: shorter ones may be numbers. */
const surelyText = 3;

/** Fields of whose bytes nothing but the bytes can be said, and text if there is some. */
const opaque =
  /^(data|key|values|datum|prefix|label|bytes|rest|tuple|content|special space|no field|uncompressed heap pointers|posting list|.*padding.*|null bit.*|bytes of posting list)$/;

/** A field's name without the item, index or list that it belongs to: `t_tid of node 3 of item 2` is `t_tid`. */
function baseName(name: string): string {
  return name
    .replace(/( of (item|node) \d+( \(high key\))?)+$/, '')
    .replace(/( of posting (item|list)) \d+$/, '$1')
    .replace(/^(bits of heap blocks|bitmap word) .*$/, '$1')
    .replaceAll(/\[\d+\]/g, '');
}

/** What the bytes of a field of `layoutOf` mean, as PostgreSQL would write it; undefined when only the bytes can be shown. */
export function valueOfField(page: Buffer, kind: PageKind, field: Field): string | undefined {
  const bytes = page.subarray(field.offset, field.offset + field.length);
  const name = baseName(field.name);
  if (name === 'free space' || name === 'new page') {
    const used = bytes.reduce((count, byte) => count + (byte === 0 ? 0 : 1), 0);
    return used === 0 ? 'all zero' : `${used} bytes are not zero`;
  }
  const special = readInContext(page, kind, field, name);
  if (special !== undefined) {
    return special;
  }
  const reading = name === 'flags' ? flagsOfKind[kind] : readings[name];
  if (reading !== undefined) {
    return reading(bytes);
  }
  if (keyNames.has(name)) {
    const texts = keyTexts(bytes);
    if (texts?.every(({ codePoints }) => codePoints.length >= surelyText)) return keyTextWords(texts);
  }
  const isNumber = bytes.length <= 4 || bytes.length === 8;
  return isNumber && !opaque.test(name) ? unsigned(bytes) : printable(bytes);
}
