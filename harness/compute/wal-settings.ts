/** What kind of WAL a primary writes for one and the same workload. */
export interface WalSettings {
  /** With images of whole pages at their first change after a checkpoint, or without any. */
  readonly fullPageWrites: boolean;
  /** How those images are stored; lz4 and zstd (15 and later) need a server that is built with them. */
  readonly compression: 'off' | 'pglz' | 'lz4' | 'zstd';
  /** An image also where a hint alone changes a page: FPI_FOR_HINT. Data checksums have the same effect. */
  readonly hintImages: boolean;
  /** Each record also carries what its pages are after it (`wal_consistency_checking`): about 40 times as much WAL. */
  readonly consistencyImages: boolean;
}

/** Every change as a record, no image but those that a record cannot do without. */
export const recordsOnly: WalSettings = {
  fullPageWrites: false,
  compression: 'off',
  hintImages: false,
  consistencyImages: false,
};

/** The server's settings for it, majors 14 to 18; 14 knows `wal_compression` as a switch alone, for pglz. */
export function walServerSettings(wal: WalSettings, major: number): Readonly<Record<string, string>> {
  return {
    full_page_writes: onOff(wal.fullPageWrites),
    wal_compression: major >= 15 ? wal.compression : onOff(wal.compression !== 'off'),
    wal_log_hints: onOff(wal.hintImages),
    wal_consistency_checking: wal.consistencyImages ? 'all' : '',
  };
}

function onOff(value: boolean): string {
  return value ? 'on' : 'off';
}
