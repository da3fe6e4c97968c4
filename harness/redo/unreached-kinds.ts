/** A kind of record that no capture reaches, and why. */
export interface UnreachedKind {
  readonly rmgr: string;
  readonly kind: string;
  /** Whether its records name pages of relations. */
  readonly changesPages: boolean;
  readonly reason: string;
  /** The majors that it is about; all by default. */
  readonly majors?: readonly number[];
}

/** Every kind that the captured workloads leave out on purpose. A kind that is neither reached nor here is a gap. */
export const unreachedKinds: readonly UnreachedKind[] = [
  { rmgr: 'XLOG', kind: 'NOOP', changesPages: false, reason: 'no code of the server writes it' },
  {
    rmgr: 'XLOG',
    kind: 'FPW_CHANGE',
    changesPages: false,
    reason: 'written when full_page_writes changes while the server runs, at a moment that nobody can set',
  },
  {
    rmgr: 'XLOG',
    kind: 'END_OF_RECOVERY',
    changesPages: false,
    reason: 'written by a standby that is promoted; a capture ends at the shutdown of its primary',
  },
  {
    rmgr: 'XLOG',
    kind: 'OVERWRITE_CONTRECORD',
    changesPages: false,
    reason: 'written after a crash in the middle of a record; a capture has no crash',
  },
  {
    rmgr: 'CLOG',
    kind: 'TRUNCATE',
    changesPages: false,
    reason: 'the status of transactions goes by whole files, of a million transactions each',
  },
  {
    rmgr: 'Database',
    kind: 'CREATE_FILE_COPY',
    changesPages: false,
    reason: 'copies files outside of the WAL: their pages have no lineage',
  },
  {
    rmgr: 'Database',
    kind: 'CREATE',
    changesPages: false,
    reason: 'copies files outside of the WAL: their pages have no lineage',
    majors: [14],
  },
  ...['CREATE', 'DROP'].map((kind) => ({
    rmgr: 'Tablespace',
    kind,
    changesPages: false,
    reason: 'early minors of 14 can have tablespaces outside of the data directory only',
    majors: [14],
  })),
  {
    rmgr: 'Heap',
    kind: 'HOT_UPDATE+INIT',
    changesPages: true,
    reason: 'cannot be: the old row is on the same page, which is therefore not new',
  },
  {
    rmgr: 'Gist',
    kind: 'ASSIGN_LSN',
    changesPages: false,
    reason: 'written with wal_level minimal alone, from which nothing can be recovered as a standby does',
  },
];
