import { RedoubtError } from '../error.ts';

/** `DBState` of catalog/pg_control.h (majors 14 to 18), in its order, in the words of pg_controldata. */
export const clusterStates = [
  'starting up',
  'shut down',
  'shut down in recovery',
  'shutting down',
  'in crash recovery',
  'in archive recovery',
  'in production',
] as const;

export type ClusterState = (typeof clusterStates)[number];

/** What Redoubt needs of `global/pg_control`; LSNs are byte positions in the WAL. */
export interface ControlFile {
  readonly systemIdentifier: bigint;
  readonly controlVersion: number;
  readonly catalogVersion: number;
  readonly state: ClusterState;
  /** Start of the latest checkpoint record; its end is one record further. */
  readonly checkpointLsn: number;
  /** Where replay after that checkpoint begins; equals `checkpointLsn` for a shutdown checkpoint. */
  readonly redoLsn: number;
  readonly timeline: number;
  readonly fullPageWrites: boolean;
  readonly minRecoveryLsn: number;
  readonly walLogHints: boolean;
  readonly blockSizeBytes: number;
  readonly relationSegmentBlocks: number;
  readonly walSegmentSizeBytes: number;
  /** 0 when data pages carry no checksums. */
  readonly dataChecksumVersion: number;
}

/**
 * Byte offsets in `ControlFileData` (catalog/pg_control.h). They are the same for majors 14 to 18 up to
 * `data_checksum_version`; 18 then adds `default_char_signedness`, which moves the CRC by four bytes.
 */
const offset = {
  systemIdentifier: 0,
  controlVersion: 8,
  catalogVersion: 12,
  state: 16,
  checkpointLsn: 32,
  redoLsn: 40,
  timeline: 48,
  fullPageWrites: 56,
  minRecoveryLsn: 136,
  walLogHints: 176,
  blockSize: 216,
  relationSegmentBlocks: 220,
  walSegmentSize: 228,
  dataChecksumVersion: 252,
} as const;

/** Where the CRC lies, by `pg_control_version`: 14 to 16 write 1300, 17 writes 1700, 18 writes 1800. */
const crcOffsets: ReadonlyMap<number, number> = new Map([
  [1300, 288],
  [1700, 288],
  [1800, 292],
]);

/**
 * Reads the bytes of `global/pg_control` (`ControlFileData`, catalog/pg_control.h, majors 14 to 18, little-endian).
 * `origin` names the file in errors. Throws `control-file-truncated`, `control-file-version`, `control-file-crc` or
 * `control-file-invalid`, all of kind `infrastructure`.
 */
export function parseControlFile(bytes: Buffer, origin: string): ControlFile {
  requireLength(bytes, offset.catalogVersion, 'pg_control_version', origin);
  const controlVersion = bytes.readUInt32LE(offset.controlVersion);
  const crcOffset = crcOffsets.get(controlVersion);
  if (crcOffset === undefined) {
    throw invalid(
      'control-file-version',
      origin,
      'pg_control_version',
      offset.controlVersion,
      controlVersion,
    );
  }
  requireLength(bytes, crcOffset + 4, 'crc', origin);
  const storedCrc = bytes.readUInt32LE(crcOffset);
  const computedCrc = crc32c(bytes.subarray(0, crcOffset));
  if (storedCrc !== computedCrc) {
    throw new RedoubtError(
      'infrastructure',
      'control-file-crc',
      `${origin}: CRC is ${hex(computedCrc)}, but the file says ${hex(storedCrc)}`,
      {
        remedy: 'The file is damaged: make the data directory again.',
        details: { path: origin, offsetBytes: crcOffset },
      },
    );
  }
  return {
    systemIdentifier: bytes.readBigUInt64LE(offset.systemIdentifier),
    controlVersion,
    catalogVersion: bytes.readUInt32LE(offset.catalogVersion),
    state: readState(bytes, origin),
    checkpointLsn: readLsn(bytes, offset.checkpointLsn, 'checkPoint', origin),
    redoLsn: readLsn(bytes, offset.redoLsn, 'checkPointCopy.redo', origin),
    timeline: bytes.readUInt32LE(offset.timeline),
    fullPageWrites: bytes.readUInt8(offset.fullPageWrites) !== 0,
    minRecoveryLsn: readLsn(bytes, offset.minRecoveryLsn, 'minRecoveryPoint', origin),
    walLogHints: bytes.readUInt8(offset.walLogHints) !== 0,
    blockSizeBytes: bytes.readUInt32LE(offset.blockSize),
    relationSegmentBlocks: bytes.readUInt32LE(offset.relationSegmentBlocks),
    walSegmentSizeBytes: readWalSegmentSize(bytes, origin),
    dataChecksumVersion: bytes.readUInt32LE(offset.dataChecksumVersion),
  };
}

/** The CRC that a control file of a known version must carry, and where. */
export function crcOfControlFile(bytes: Buffer): { readonly at: number; readonly crc: number } {
  const at = crcOffsets.get(bytes.readUInt32LE(offset.controlVersion)) ?? 0;
  return { at, crc: crc32c(bytes.subarray(0, at)) };
}

function readState(bytes: Buffer, origin: string): ClusterState {
  const value = bytes.readUInt32LE(offset.state);
  const state = clusterStates[value];
  if (state === undefined) {
    throw invalid('control-file-invalid', origin, 'state', offset.state, value);
  }
  return state;
}

function readLsn(bytes: Buffer, at: number, field: string, origin: string): number {
  const value = bytes.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw invalid('control-file-invalid', origin, field, at, value);
  }
  return Number(value);
}

function readWalSegmentSize(bytes: Buffer, origin: string): number {
  const value = bytes.readUInt32LE(offset.walSegmentSize);
  const isPowerOfTwo = value > 0 && (value & (value - 1)) === 0;
  if (!isPowerOfTwo || value < 1024 * 1024 || value > 1024 * 1024 * 1024) {
    throw invalid('control-file-invalid', origin, 'xlog_seg_size', offset.walSegmentSize, value);
  }
  return value;
}

function requireLength(bytes: Buffer, lengthBytes: number, field: string, origin: string): void {
  if (bytes.length < lengthBytes) {
    throw new RedoubtError(
      'infrastructure',
      'control-file-truncated',
      `${origin}: has ${String(bytes.length)} bytes, too few to hold ${field}`,
      { remedy: 'The file is damaged: make the data directory again.', details: { path: origin, field } },
    );
  }
}

function invalid(
  code: string,
  origin: string,
  field: string,
  offsetBytes: number,
  value: number | bigint,
): RedoubtError {
  return new RedoubtError(
    'infrastructure',
    code,
    `${origin}: ${field} at byte ${String(offsetBytes)} is ${String(value)}, which no major from 14 to 18 writes`,
    {
      remedy: 'Use a data directory of a supported major that a little-endian server made.',
      details: { path: origin, field, offsetBytes, value: String(value) },
    },
  );
}

/** CRC-32C bit by bit: the input is 292 bytes at most, so no table is worth its memory here. */
function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
    }
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
