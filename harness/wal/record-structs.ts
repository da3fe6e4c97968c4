/** The type of a field in C, as it lies in the record. */
export type FieldType = 'bool' | 'flags' | 'i8' | 'u16' | 'u32' | 'i32' | 'u64' | 'i64' | 'double' | 'lsn';
/** A field of a struct: PostgreSQL's own name, none for what holds nothing, and its type. */
export type Column = readonly [name: string, type: FieldType];
type Structs = Readonly<Record<string, readonly Column[]>>;

/*
 * The structs that begin the main data of records that change pages (heapam_xlog.h, nbtxlog.h, hash_xlog.h, gistxlog.h,
 * brin_xlog.h, spgxlog.h, ginxlog.h, sequence.h). Each field lies where C aligns it.
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
  ['ntuples', 'u16'],
];
const btreeSplit: readonly Column[] = [
  ['level', 'u32'],
  ['firstrightoff', 'u16'],
  ['newitemoff', 'u16'],
  ['postingoff', 'u16'],
];
const btreeUnlink: readonly Column[] = [
  ['leftsib', 'u32'],
  ['rightsib', 'u32'],
  ['level', 'u32'],
  ['safexid', 'u64'],
  ['leafleftsib', 'u32'],
  ['leafrightsib', 'u32'],
  ['leaftopparent', 'u32'],
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
const brinUpdate: readonly Column[] = [['oldOffnum', 'u16'], ...brinInsert];
const locator: readonly Column[] = [
  ['spcOid', 'u32'],
  ['dbOid', 'u32'],
  ['relNumber', 'u32'],
];
const spgistParent: readonly Column[] = [
  ['offnumParent', 'u16'],
  ['nodeI', 'u16'],
];
const offnumAlone: readonly Column[] = [['offnum', 'u16']];
// `reason` stands before the flags, and no server sets it.
const prune: readonly Column[] = [
  ['', 'flags'],
  ['flags', 'flags'],
];

/** Alike in 14 to 18. */
const shared: Structs = {
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
  'Btree MARK_PAGE_HALFDEAD': [
    ['poffset', 'u16'],
    ['leafblk', 'u32'],
    ['leftblk', 'u32'],
    ['rightblk', 'u32'],
    ['topparent', 'u32'],
  ],
  'Btree UNLINK_PAGE': btreeUnlink,
  'Btree UNLINK_PAGE_META': btreeUnlink,
  'Hash INIT_META_PAGE': [
    ['num_tuples', 'double'],
    ['procid', 'u32'],
    ['ffactor', 'u16'],
  ],
  'Hash INIT_BITMAP_PAGE': [['bmsize', 'u16']],
  'Hash INSERT': offnumAlone,
  'Hash ADD_OVFL_PAGE': [
    ['bmsize', 'u16'],
    ['bmpage_found', 'bool'],
  ],
  'Hash SPLIT_ALLOCATE_PAGE': [
    ['new_bucket', 'u32'],
    ['old_bucket_flag', 'u16'],
    ['new_bucket_flag', 'u16'],
    ['flags', 'flags'],
  ],
  'Hash SPLIT_COMPLETE': [
    ['old_bucket_flag', 'u16'],
    ['new_bucket_flag', 'u16'],
  ],
  'Hash MOVE_PAGE_CONTENTS': [
    ['ntups', 'u16'],
    ['is_prim_bucket_same_wrt', 'bool'],
  ],
  'Hash SQUEEZE_PAGE': [
    ['prevblkno', 'u32'],
    ['nextblkno', 'u32'],
    ['ntups', 'u16'],
    ['is_prim_bucket_same_wrt', 'bool'],
    ['is_prev_bucket_same_wrt', 'bool'],
  ],
  'Hash DELETE': [
    ['clear_dead_marking', 'bool'],
    ['is_primary_bucket_page', 'bool'],
  ],
  'Hash UPDATE_META_PAGE': [['ntuples', 'double']],
  'Gist PAGE_UPDATE': [
    ['ntodelete', 'u16'],
    ['ntoinsert', 'u16'],
  ],
  'Gist PAGE_SPLIT': [
    ['origrlink', 'u32'],
    ['orignsn', 'lsn'],
    ['origleaf', 'bool'],
    ['npage', 'u16'],
    ['markfollowright', 'bool'],
  ],
  'Gist PAGE_DELETE': [
    ['deleteXid', 'u64'],
    ['downlinkOffset', 'u16'],
  ],
  'BRIN CREATE_INDEX': [
    ['pagesPerRange', 'u32'],
    ['version', 'u16'],
  ],
  'BRIN INSERT': brinInsert,
  'BRIN INSERT+INIT': brinInsert,
  'BRIN UPDATE': brinUpdate,
  'BRIN UPDATE+INIT': brinUpdate,
  'BRIN SAMEPAGE_UPDATE': offnumAlone,
  'BRIN REVMAP_EXTEND': [['targetBlk', 'u32']],
  'BRIN DESUMMARIZE': [
    ['pagesPerRange', 'u32'],
    ['heapBlk', 'u32'],
    ['regOffset', 'u16'],
  ],
  'Gin CREATE_PTREE': [['size', 'u32']],
  'Gin INSERT': [['flags', 'u16']],
  'Gin SPLIT': [
    ...locator,
    ['rrlink', 'u32'],
    ['leftChildBlkno', 'u32'],
    ['rightChildBlkno', 'u32'],
    ['flags', 'u16'],
  ],
  'Gin DELETE_PAGE': [
    ['parentOffset', 'u16'],
    ['rightLink', 'u32'],
    ['deleteXid', 'u32'],
  ],
  'Gin INSERT_LISTPAGE': [
    ['rightlink', 'u32'],
    ['ntuples', 'i32'],
  ],
  'SPGist ADD_LEAF': [
    ['newPage', 'bool'],
    ['storesNulls', 'bool'],
    ['offnumLeaf', 'u16'],
    ['offnumHeadLeaf', 'u16'],
    ...spgistParent,
  ],
  'SPGist MOVE_LEAFS': [
    ['nMoves', 'u16'],
    ['newPage', 'bool'],
    ['replaceDead', 'bool'],
    ['storesNulls', 'bool'],
    ...spgistParent,
  ],
  'SPGist ADD_NODE': [
    ['offnum', 'u16'],
    ['offnumNew', 'u16'],
    ['newPage', 'bool'],
    ['parentBlk', 'i8'],
    ...spgistParent,
  ],
  'SPGist SPLIT_TUPLE': [
    ['offnumPrefix', 'u16'],
    ['offnumPostfix', 'u16'],
    ['newPage', 'bool'],
    ['postfixBlkSame', 'bool'],
  ],
  'SPGist PICKSPLIT': [
    ['isRootSplit', 'bool'],
    ['nDelete', 'u16'],
    ['nInsert', 'u16'],
    ['initSrc', 'bool'],
    ['initDest', 'bool'],
    ['offnumInner', 'u16'],
    ['initInner', 'bool'],
    ['storesNulls', 'bool'],
    ['innerIsParent', 'bool'],
    ...spgistParent,
  ],
  'SPGist VACUUM_LEAF': [
    ['nDead', 'u16'],
    ['nPlaceholder', 'u16'],
    ['nMove', 'u16'],
    ['nChain', 'u16'],
  ],
  'SPGist VACUUM_ROOT': [['nDelete', 'u16']],
  'SPGist VACUUM_REDIRECT': [
    ['nToPlaceholder', 'u16'],
    ['firstPlaceholder', 'u16'],
  ],
  'Sequence LOG': locator,
  // 17 and 18; the kinds have other names before.
  'Heap2 PRUNE_ON_ACCESS': prune,
  'Heap2 PRUNE_VACUUM_SCAN': prune,
  'Heap2 PRUNE_VACUUM_CLEANUP': prune,
  // 14 to 16.
  'Heap2 VACUUM': [['nunused', 'u16']],
};

/** 14 and 15. */
const before16: Structs = {
  'Heap2 PRUNE': [
    ['latestRemovedXid', 'u32'],
    ['nredirected', 'u16'],
    ['ndead', 'u16'],
  ],
  'Heap2 FREEZE_PAGE': [
    ['cutoff_xid', 'u32'],
    ['ntuples', 'u16'],
  ],
  'Heap2 VISIBLE': [
    ['cutoff_xid', 'u32'],
    ['flags', 'flags'],
  ],
  'Btree DELETE': [
    ['latestRemovedXid', 'u32'],
    ['ndeleted', 'u16'],
    ['nupdated', 'u16'],
  ],
  'Gist DELETE': [
    ['latestRemovedXid', 'u32'],
    ['ntodelete', 'u16'],
  ],
  'Hash VACUUM_ONE_PAGE': [
    ['latestRemovedXid', 'u32'],
    ['ntuples', 'i32'],
  ],
};

/** 16 to 18: the conflict horizon has its name, and logical decoding on a standby its flag. */
const from16: Structs = {
  'Heap2 PRUNE': [
    ['snapshotConflictHorizon', 'u32'],
    ['nredirected', 'u16'],
    ['ndead', 'u16'],
    ['isCatalogRel', 'bool'],
  ],
  'Heap2 FREEZE_PAGE': [
    ['snapshotConflictHorizon', 'u32'],
    ['nplans', 'u16'],
    ['isCatalogRel', 'bool'],
  ],
  'Heap2 VISIBLE': [
    ['snapshotConflictHorizon', 'u32'],
    ['flags', 'flags'],
  ],
  'Btree DELETE': [
    ['snapshotConflictHorizon', 'u32'],
    ['ndeleted', 'u16'],
    ['nupdated', 'u16'],
    ['isCatalogRel', 'bool'],
  ],
  'Gist DELETE': [
    ['snapshotConflictHorizon', 'u32'],
    ['ntodelete', 'u16'],
    ['isCatalogRel', 'bool'],
  ],
  'Hash VACUUM_ONE_PAGE': [
    ['snapshotConflictHorizon', 'u32'],
    ['ntuples', 'u16'],
    ['isCatalogRel', 'bool'],
  ],
};

/** The struct that begins the main data of a kind of record in that major; undefined where it is not known. */
export function recordStruct(rmgr: string, kind: string, major: number): readonly Column[] | undefined {
  const name = `${rmgr} ${kind}`;
  return shared[name] ?? (major < 16 ? before16 : from16)[name];
}
