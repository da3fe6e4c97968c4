/** Names of single bits, lowest first; a name of several bits stands before those that it replaces. */
export type FlagNames = readonly (readonly [bits: number, name: string])[];

/** Transcribed from the headers of 14 to 18, which agree. */
export const flagNames = {
  /** storage/bufpage.h */
  page: [
    [0x1, 'PD_HAS_FREE_LINES'],
    [0x2, 'PD_PAGE_FULL'],
    [0x4, 'PD_ALL_VISIBLE'],
  ],
  /** access/htup_details.h */
  infomask: [
    [0x0001, 'HEAP_HASNULL'],
    [0x0002, 'HEAP_HASVARWIDTH'],
    [0x0004, 'HEAP_HASEXTERNAL'],
    [0x0008, 'HEAP_HASOID_OLD'],
    [0x0050, 'HEAP_XMAX_SHR_LOCK'],
    [0x0010, 'HEAP_XMAX_KEYSHR_LOCK'],
    [0x0020, 'HEAP_COMBOCID'],
    [0x0040, 'HEAP_XMAX_EXCL_LOCK'],
    [0x0080, 'HEAP_XMAX_LOCK_ONLY'],
    [0x0300, 'HEAP_XMIN_FROZEN'],
    [0x0100, 'HEAP_XMIN_COMMITTED'],
    [0x0200, 'HEAP_XMIN_INVALID'],
    [0x0400, 'HEAP_XMAX_COMMITTED'],
    [0x0800, 'HEAP_XMAX_INVALID'],
    [0x1000, 'HEAP_XMAX_IS_MULTI'],
    [0x2000, 'HEAP_UPDATED'],
    [0x4000, 'HEAP_MOVED_OFF'],
    [0x8000, 'HEAP_MOVED_IN'],
  ],
  infomask2: [
    [0x2000, 'HEAP_KEYS_UPDATED'],
    [0x4000, 'HEAP_HOT_UPDATED'],
    [0x8000, 'HEAP_ONLY_TUPLE'],
  ],
  /** access/itup.h */
  indexTuple: [
    [0x2000, 'INDEX_AM_RESERVED_BIT'],
    [0x4000, 'INDEX_VAR_MASK'],
    [0x8000, 'INDEX_NULL_MASK'],
  ],
  /** access/nbtree.h */
  btree: [
    [0x001, 'BTP_LEAF'],
    [0x002, 'BTP_ROOT'],
    [0x004, 'BTP_DELETED'],
    [0x008, 'BTP_META'],
    [0x010, 'BTP_HALF_DEAD'],
    [0x020, 'BTP_SPLIT_END'],
    [0x040, 'BTP_HAS_GARBAGE'],
    [0x080, 'BTP_INCOMPLETE_SPLIT'],
    [0x100, 'BTP_HAS_FULLXID'],
  ],
  /** access/hash.h */
  hash: [
    [0x01, 'LH_OVERFLOW_PAGE'],
    [0x02, 'LH_BUCKET_PAGE'],
    [0x04, 'LH_BITMAP_PAGE'],
    [0x08, 'LH_META_PAGE'],
    [0x10, 'LH_BUCKET_BEING_POPULATED'],
    [0x20, 'LH_BUCKET_BEING_SPLIT'],
    [0x40, 'LH_BUCKET_NEEDS_SPLIT_CLEANUP'],
    [0x80, 'LH_PAGE_HAS_DEAD_TUPLES'],
  ],
  /** access/ginblock.h */
  gin: [
    [0x01, 'GIN_DATA'],
    [0x02, 'GIN_LEAF'],
    [0x04, 'GIN_DELETED'],
    [0x08, 'GIN_META'],
    [0x10, 'GIN_LIST'],
    [0x20, 'GIN_LIST_FULLROW'],
    [0x40, 'GIN_INCOMPLETE_SPLIT'],
    [0x80, 'GIN_COMPRESSED'],
  ],
  /** access/gist.h */
  gist: [
    [0x01, 'F_LEAF'],
    [0x02, 'F_DELETED'],
    [0x04, 'F_TUPLES_DELETED'],
    [0x08, 'F_FOLLOW_RIGHT'],
    [0x10, 'F_HAS_GARBAGE'],
  ],
  /** access/spgist_private.h */
  spgist: [
    [0x01, 'SPGIST_META'],
    [0x02, 'SPGIST_DELETED'],
    [0x04, 'SPGIST_LEAF'],
    [0x08, 'SPGIST_NULLS'],
  ],
  /** access/brin_page.h and brin_tuple.h */
  brin: [[0x01, 'BRIN_EVACUATE_PAGE']],
  brinTuple: [
    [0x20, 'BRIN_EMPTY_RANGE_MASK'],
    [0x40, 'BRIN_PLACEHOLDER_MASK'],
    [0x80, 'BRIN_NULLS_MASK'],
  ],
} as const satisfies Readonly<Record<string, FlagNames>>;

/** The names of the bits that are set, and what is left in hexadecimal; empty for 0. */
export function namesOfFlags(value: number, names: FlagNames): string {
  const found: string[] = [];
  let left = value;
  for (const [bits, name] of names) {
    if ((left & bits) === bits) {
      found.push(name);
      left &= ~bits;
    }
  }
  if (left !== 0) {
    found.push(`0x${left.toString(16)}`);
  }
  return found.join(' ');
}
