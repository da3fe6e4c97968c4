/** The name of each (info & mask) of one resource manager, exactly as its `rm_identify` function gives it. */
export interface RecordKinds {
  readonly mask: number;
  readonly names: ReadonlyMap<number, string>;
}

/*
 * Transcribed from the `_identify` functions in src/backend/access/rmgrdesc/ of 15, 17 and 18; 14 and 16 differ only
 * where stated. Info bits above the mask are flags, not kinds.
 */

const infoMask = 0xf0;

function kinds(names: Readonly<Record<number, string>>, mask = infoMask): RecordKinds {
  return { mask, names: new Map(Object.entries(names).map(([info, name]) => [Number(info), name])) };
}

const xlog = {
  0x00: 'CHECKPOINT_SHUTDOWN',
  0x10: 'CHECKPOINT_ONLINE',
  0x20: 'NOOP',
  0x30: 'NEXTOID',
  0x40: 'SWITCH',
  0x50: 'BACKUP_END',
  0x60: 'PARAMETER_CHANGE',
  0x70: 'RESTORE_POINT',
  0x80: 'FPW_CHANGE',
  0x90: 'END_OF_RECOVERY',
  0xa0: 'FPI_FOR_HINT',
  0xb0: 'FPI',
  0xd0: 'OVERWRITE_CONTRECORD',
};

const heap2Before17 = {
  0x00: 'REWRITE',
  0x10: 'PRUNE',
  0x20: 'VACUUM',
  0x30: 'FREEZE_PAGE',
  0x40: 'VISIBLE',
  0x50: 'MULTI_INSERT',
  0x60: 'LOCK_UPDATED',
  0x70: 'NEW_CID',
  0xd0: 'MULTI_INSERT+INIT',
};

/** What all of 14 to 18 share, indexed by resource manager id (src/include/access/rmgrlist.h). */
const shared: readonly RecordKinds[] = [
  kinds(xlog),
  kinds(
    {
      0x00: 'COMMIT',
      0x10: 'PREPARE',
      0x20: 'ABORT',
      0x30: 'COMMIT_PREPARED',
      0x40: 'ABORT_PREPARED',
      0x50: 'ASSIGNMENT',
      0x60: 'INVALIDATION',
    },
    0x70,
  ),
  kinds({ 0x10: 'CREATE', 0x20: 'TRUNCATE' }),
  kinds({ 0x00: 'ZEROPAGE', 0x10: 'TRUNCATE' }),
  kinds({ 0x00: 'CREATE_FILE_COPY', 0x10: 'CREATE_WAL_LOG', 0x20: 'DROP' }),
  kinds({ 0x00: 'CREATE', 0x10: 'DROP' }),
  kinds({ 0x00: 'ZERO_OFF_PAGE', 0x10: 'ZERO_MEM_PAGE', 0x20: 'CREATE_ID', 0x30: 'TRUNCATE_ID' }),
  kinds({ 0x00: 'UPDATE' }),
  kinds({ 0x00: 'LOCK', 0x10: 'RUNNING_XACTS', 0x20: 'INVALIDATIONS' }),
  kinds(heap2Before17),
  kinds({
    0x00: 'INSERT',
    0x10: 'DELETE',
    0x20: 'UPDATE',
    0x30: 'TRUNCATE',
    0x40: 'HOT_UPDATE',
    0x50: 'HEAP_CONFIRM',
    0x60: 'LOCK',
    0x70: 'INPLACE',
    0x80: 'INSERT+INIT',
    0xa0: 'UPDATE+INIT',
    0xc0: 'HOT_UPDATE+INIT',
  }),
  kinds({
    0x00: 'INSERT_LEAF',
    0x10: 'INSERT_UPPER',
    0x20: 'INSERT_META',
    0x30: 'SPLIT_L',
    0x40: 'SPLIT_R',
    0x50: 'INSERT_POST',
    0x60: 'DEDUP',
    0x70: 'DELETE',
    0x80: 'UNLINK_PAGE',
    0x90: 'UNLINK_PAGE_META',
    0xa0: 'NEWROOT',
    0xb0: 'MARK_PAGE_HALFDEAD',
    0xc0: 'VACUUM',
    0xd0: 'REUSE_PAGE',
    0xe0: 'META_CLEANUP',
  }),
  kinds({
    0x00: 'INIT_META_PAGE',
    0x10: 'INIT_BITMAP_PAGE',
    0x20: 'INSERT',
    0x30: 'ADD_OVFL_PAGE',
    0x40: 'SPLIT_ALLOCATE_PAGE',
    0x50: 'SPLIT_PAGE',
    0x60: 'SPLIT_COMPLETE',
    0x70: 'MOVE_PAGE_CONTENTS',
    0x80: 'SQUEEZE_PAGE',
    0x90: 'DELETE',
    0xa0: 'SPLIT_CLEANUP',
    0xb0: 'UPDATE_META_PAGE',
    0xc0: 'VACUUM_ONE_PAGE',
  }),
  kinds({
    0x10: 'CREATE_PTREE',
    0x20: 'INSERT',
    0x30: 'SPLIT',
    0x40: 'VACUUM_PAGE',
    0x50: 'DELETE_PAGE',
    0x60: 'UPDATE_META_PAGE',
    0x70: 'INSERT_LISTPAGE',
    0x80: 'DELETE_LISTPAGE',
    0x90: 'VACUUM_DATA_LEAF_PAGE',
  }),
  kinds({
    0x00: 'PAGE_UPDATE',
    0x10: 'DELETE',
    0x20: 'PAGE_REUSE',
    0x30: 'PAGE_SPLIT',
    0x60: 'PAGE_DELETE',
    0x70: 'ASSIGN_LSN',
  }),
  kinds({ 0x00: 'LOG' }),
  kinds({
    0x10: 'ADD_LEAF',
    0x20: 'MOVE_LEAFS',
    0x30: 'ADD_NODE',
    0x40: 'SPLIT_TUPLE',
    0x50: 'PICKSPLIT',
    0x60: 'VACUUM_LEAF',
    0x70: 'VACUUM_ROOT',
    0x80: 'VACUUM_REDIRECT',
  }),
  kinds({
    0x00: 'CREATE_INDEX',
    0x10: 'INSERT',
    0x20: 'UPDATE',
    0x30: 'SAMEPAGE_UPDATE',
    0x40: 'REVMAP_EXTEND',
    0x50: 'DESUMMARIZE',
    0x90: 'INSERT+INIT',
    0xa0: 'UPDATE+INIT',
  }),
  kinds({ 0x00: 'ZEROPAGE', 0x10: 'TRUNCATE' }),
  kinds({ 0x00: 'SET', 0x10: 'DROP' }),
  kinds({ 0x00: 'Generic' }, 0x00),
  kinds({ 0x00: 'MESSAGE' }),
];

/** 14 had one way to create a database. */
const differences14 = new Map([[4, kinds({ 0x00: 'CREATE', 0x10: 'DROP' })]]);

/** From 17 on a redo point is a record, and one record freezes and prunes. */
const differences17 = new Map([
  [0, kinds({ ...xlog, 0xe0: 'CHECKPOINT_REDO' })],
  [
    9,
    kinds({
      ...heap2Before17,
      0x10: 'PRUNE_ON_ACCESS',
      0x20: 'PRUNE_VACUUM_SCAN',
      0x30: 'PRUNE_VACUUM_CLEANUP',
    }),
  ],
]);

/** The record kinds of one built-in resource manager in one major, or undefined for an id that is not built in. */
export function recordKinds(rmgrId: number, major: number): RecordKinds | undefined {
  const different = major <= 14 ? differences14 : major >= 17 ? differences17 : undefined;
  return different?.get(rmgrId) ?? shared[rmgrId];
}
