/** A field of `ControlFileData`, as PostgreSQL calls it. */
export interface ControlField {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  readonly type: 'unsigned' | 'signed' | 'bool' | 'lsn' | 'double' | 'bytes';
}

type Row = readonly [name: string, offset: number, length: number, type: ControlField['type']];

/** Up to `data_checksum_version` the same in 14 to 18 (catalog/pg_control.h, on 64-bit machines). */
const commonFields: readonly Row[] = [
  ['system_identifier', 0, 8, 'unsigned'],
  ['pg_control_version', 8, 4, 'unsigned'],
  ['catalog_version_no', 12, 4, 'unsigned'],
  ['state', 16, 4, 'unsigned'],
  ['time', 24, 8, 'signed'],
  ['checkPoint', 32, 8, 'lsn'],
  ['checkPointCopy.redo', 40, 8, 'lsn'],
  ['checkPointCopy.ThisTimeLineID', 48, 4, 'unsigned'],
  ['checkPointCopy.PrevTimeLineID', 52, 4, 'unsigned'],
  ['checkPointCopy.fullPageWrites', 56, 1, 'bool'],
  ['checkPointCopy.wal_level', 60, 4, 'unsigned'],
  ['checkPointCopy.nextXid', 64, 8, 'unsigned'],
  ['checkPointCopy.nextOid', 72, 4, 'unsigned'],
  ['checkPointCopy.nextMulti', 76, 4, 'unsigned'],
  ['checkPointCopy.nextMultiOffset', 80, 4, 'unsigned'],
  ['checkPointCopy.oldestXid', 84, 4, 'unsigned'],
  ['checkPointCopy.oldestXidDB', 88, 4, 'unsigned'],
  ['checkPointCopy.oldestMulti', 92, 4, 'unsigned'],
  ['checkPointCopy.oldestMultiDB', 96, 4, 'unsigned'],
  ['checkPointCopy.time', 104, 8, 'signed'],
  ['checkPointCopy.oldestCommitTsXid', 112, 4, 'unsigned'],
  ['checkPointCopy.newestCommitTsXid', 116, 4, 'unsigned'],
  ['checkPointCopy.oldestActiveXid', 120, 4, 'unsigned'],
  ['unloggedLSN', 128, 8, 'lsn'],
  ['minRecoveryPoint', 136, 8, 'lsn'],
  ['minRecoveryPointTLI', 144, 4, 'unsigned'],
  ['backupStartPoint', 152, 8, 'lsn'],
  ['backupEndPoint', 160, 8, 'lsn'],
  ['backupEndRequired', 168, 1, 'bool'],
  ['wal_level', 172, 4, 'unsigned'],
  ['wal_log_hints', 176, 1, 'bool'],
  ['MaxConnections', 180, 4, 'unsigned'],
  ['max_worker_processes', 184, 4, 'unsigned'],
  ['max_wal_senders', 188, 4, 'unsigned'],
  ['max_prepared_xacts', 192, 4, 'unsigned'],
  ['max_locks_per_xact', 196, 4, 'unsigned'],
  ['track_commit_timestamp', 200, 1, 'bool'],
  ['maxAlign', 204, 4, 'unsigned'],
  ['floatFormat', 208, 8, 'double'],
  ['blcksz', 216, 4, 'unsigned'],
  ['relseg_size', 220, 4, 'unsigned'],
  ['xlog_blcksz', 224, 4, 'unsigned'],
  ['xlog_seg_size', 228, 4, 'unsigned'],
  ['nameDataLen', 232, 4, 'unsigned'],
  ['indexMaxKeys', 236, 4, 'unsigned'],
  ['toast_max_chunk_size', 240, 4, 'unsigned'],
  ['loblksize', 244, 4, 'unsigned'],
  ['float8ByVal', 248, 1, 'bool'],
  ['data_checksum_version', 252, 4, 'unsigned'],
];

const tailBefore18: readonly Row[] = [
  ['mock_authentication_nonce', 256, 32, 'bytes'],
  ['crc', 288, 4, 'bytes'],
];

const tailFrom18: readonly Row[] = [
  ['default_char_signedness', 256, 1, 'bool'],
  ['mock_authentication_nonce', 257, 32, 'bytes'],
  ['crc', 292, 4, 'bytes'],
];

/** The first pg_control_version with default_char_signedness. */
const versionOf18 = 1800;

/** A field of two control files that differs, with both values in words. */
export interface ControlDifference {
  readonly field: string;
  readonly expected: string;
  readonly actual: string;
}

/**
 * The fields in which two files `global/pg_control` of one layout differ; bytes that belong to no field are called
 * `byte N`. Files of any bytes may be compared, if they are equally long.
 */
export function diffControlFiles(expected: Buffer, actual: Buffer): readonly ControlDifference[] {
  const version = expected.length >= 12 ? expected.readUInt32LE(8) : 0;
  const fields = [...commonFields, ...(version >= versionOf18 ? tailFrom18 : tailBefore18)];
  const differences: ControlDifference[] = [];
  let next = 0;
  for (const [name, offset, length, type] of [...fields, ['', expected.length, 0, 'bytes'] as const]) {
    for (let at = next; at < Math.min(offset, expected.length); at++) {
      if (expected[at] !== actual[at])
        differences.push({
          field: `byte ${String(at)}`,
          expected: value(expected, at, 1, 'unsigned'),
          actual: value(actual, at, 1, 'unsigned'),
        });
    }
    const end = offset + length;
    if (!expected.subarray(offset, end).equals(actual.subarray(offset, end))) {
      differences.push({
        field: name,
        expected: value(expected, offset, length, type),
        actual: value(actual, offset, length, type),
      });
    }
    next = end;
  }
  return differences;
}

function value(file: Buffer, offset: number, length: number, type: ControlField['type']): string {
  const bytes = file.subarray(offset, offset + length);
  if (bytes.length < length) return 'cut off';
  switch (type) {
    case 'unsigned':
      return String(length === 8 ? bytes.readBigUInt64LE() : bytes.readUIntLE(0, length));
    case 'signed':
      return String(bytes.readBigInt64LE());
    case 'bool':
      return bytes[0] === 0 ? 'false' : 'true';
    case 'lsn':
      return [4, 0].map((at) => bytes.readUInt32LE(at).toString(16).toUpperCase()).join('/');
    case 'double':
      return String(bytes.readDoubleLE());
    case 'bytes':
      return bytes.toString('hex');
  }
}
