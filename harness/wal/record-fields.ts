/** A field of a record's main data by PostgreSQL's own name. */
export interface RecordField {
  readonly name: string;
  readonly value: string;
}

type Column = readonly [name: string, type: 'u16' | 'u32' | 'flags' | 'pad8'];

/*
 * The structs that begin the main data of the records that make up most lineages, alike in 14 to 18 (heapam_xlog.h,
 * nbtxlog.h, hash_xlog.h, gistxlog.h, brin_xlog.h, spgxlog.h, ginxlog.h). Those that majors lay out differently are left out.
 */
const heapInsert: readonly Column[] = [
  ['offnum', 'u16'],
  ['flags', 'flags'],
];
const heapUpdate: readonly Column[] = [
  ['old_xmax', 'u32'],
  ['old_offnum', 'u16'],
  ['old_infobits_set', 'flags'],
  ['flags', 'flags'],
  ['new_xmax', 'u32'],
  ['new_offnum', 'u16'],
];
const multiInsert: readonly Column[] = [
  ['flags', 'flags'],
  ['', 'pad8'],
  ['ntuples', 'u16'],
];
const btreeSplit: readonly Column[] = [
  ['level', 'u32'],
  ['firstrightoff', 'u16'],
  ['newitemoff', 'u16'],
  ['postingoff', 'u16'],
];
const lockLike: readonly Column[] = [
  ['xmax', 'u32'],
  ['offnum', 'u16'],
  ['infobits_set', 'flags'],
  ['flags', 'flags'],
];
const brinInsert: readonly Column[] = [
  ['heapBlk', 'u32'],
  ['pagesPerRange', 'u32'],
  ['offnum', 'u16'],
];
const offnumAlone: readonly Column[] = [['offnum', 'u16']];

const structs: Readonly<Record<string, readonly Column[]>> = {
  'Heap INSERT': heapInsert,
  'Heap INSERT+INIT': heapInsert,
  'Heap DELETE': lockLike,
  'Heap LOCK': lockLike,
  'Heap2 LOCK_UPDATED': lockLike,
  'Heap UPDATE': heapUpdate,
  'Heap UPDATE+INIT': heapUpdate,
  'Heap HOT_UPDATE': heapUpdate,
  'Heap HOT_UPDATE+INIT': heapUpdate,
  'Heap HEAP_CONFIRM': offnumAlone,
  'Heap INPLACE': offnumAlone,
  'Heap2 MULTI_INSERT': multiInsert,
  'Heap2 MULTI_INSERT+INIT': multiInsert,
  'Btree INSERT_LEAF': offnumAlone,
  'Btree INSERT_UPPER': offnumAlone,
  'Btree INSERT_META': offnumAlone,
  'Btree INSERT_POST': offnumAlone,
  'Btree SPLIT_L': btreeSplit,
  'Btree SPLIT_R': btreeSplit,
  'Btree DEDUP': [['nintervals', 'u16']],
  'Btree VACUUM': [
    ['ndeleted', 'u16'],
    ['nupdated', 'u16'],
  ],
  'Btree NEWROOT': [
    ['rootblk', 'u32'],
    ['level', 'u32'],
  ],
  'Hash INSERT': offnumAlone,
  'Gist PAGE_UPDATE': [
    ['ntodelete', 'u16'],
    ['ntoinsert', 'u16'],
  ],
  'BRIN INSERT': brinInsert,
  'BRIN INSERT+INIT': brinInsert,
  'BRIN SAMEPAGE_UPDATE': offnumAlone,
  'Gin INSERT': [['flags', 'u16']],
};

const sizes = { u16: 2, u32: 4, flags: 1, pad8: 1 } as const;

/** The fields that begin a record's main data; none for kinds that are not known, and no more than the bytes hold. */
export function recordFields(rmgr: string, kind: string, mainData: Buffer): readonly RecordField[] {
  const fields: RecordField[] = [];
  let at = 0;
  for (const [name, type] of structs[`${rmgr} ${kind}`] ?? []) {
    const size = sizes[type];
    if (at + size > mainData.length) break;
    const value = mainData.readUIntLE(at, size);
    if (name !== '') {
      fields.push({
        name,
        value: type === 'flags' ? `0x${value.toString(16).padStart(2, '0')}` : String(value),
      });
    }
    at += size;
  }
  return fields;
}
