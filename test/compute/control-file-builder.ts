/** What a test may choose about a fabricated pg_control; the rest is what initdb writes. */
export interface ControlFileFields {
  readonly controlVersion?: number;
  readonly state?: number;
  readonly checkpointLsn?: bigint;
  readonly redoLsn?: bigint;
  readonly walSegmentSizeBytes?: number;
  readonly dataChecksumVersion?: number;
  readonly blockSizeBytes?: number;
}

/**
 * Writes a `global/pg_control` member after member, padded as a C compiler for x86-64 lays out `ControlFileData`
 * (catalog/pg_control.h, majors 14 to 18): written apart from the reader, so that the two check each other.
 */
export function buildControlFile(fields: ControlFileFields = {}): Buffer {
  const version = fields.controlVersion ?? 1300;
  const writer = new StructWriter();
  const checkpoint = fields.checkpointLsn ?? 0x1552af8n;
  writer.u64(7711000523555418142n);
  writer.u32(version);
  writer.u32(202209061);
  writer.u32(fields.state ?? 1);
  writer.u64(1795357215n);
  writer.u64(checkpoint);
  // checkPointCopy
  writer.u64(fields.redoLsn ?? checkpoint);
  writer.u32(1);
  writer.u32(1);
  writer.u8(1);
  if (version >= 1700) writer.u32(1); // wal_level, in what was padding before 17
  writer.u64(724n);
  for (const value of [14221, 1, 0, 716, 1, 1, 1]) writer.u32(value);
  writer.u64(1795357215n);
  for (const value of [0, 0, 0]) writer.u32(value);
  writer.align(8);
  // unloggedLSN, minRecoveryPoint, its timeline, backupStartPoint, backupEndPoint, backupEndRequired
  writer.u64(1000n);
  writer.u64(0n);
  writer.u32(0);
  writer.u64(0n);
  writer.u64(0n);
  writer.u8(0);
  // wal_level, wal_log_hints, MaxConnections and the other ceilings, track_commit_timestamp
  writer.u32(1);
  writer.u8(0);
  for (const value of [100, 8, 10, 0, 64]) writer.u32(value);
  writer.u8(0);
  writer.u32(8);
  writer.f64(1234567);
  for (const value of [fields.blockSizeBytes ?? 8192, 131072, 8192]) writer.u32(value);
  writer.u32(fields.walSegmentSizeBytes ?? 16 * 1024 * 1024);
  for (const value of [64, 32, 1996, 2048]) writer.u32(value);
  writer.u8(1);
  writer.u32(fields.dataChecksumVersion ?? 0);
  if (version >= 1800) writer.u8(1);
  for (let index = 0; index < 32; index++) writer.u8(index);
  writer.align(4);
  writer.u32(crc32c(writer.bytes()));
  return Buffer.concat([writer.bytes(), Buffer.alloc(8192 - writer.bytes().length)]);
}

/** Appends little-endian members, each at a multiple of its own size. */
class StructWriter {
  #bytes = Buffer.alloc(0);

  bytes(): Buffer {
    return this.#bytes;
  }

  align(to: number): void {
    const short = (to - (this.#bytes.length % to)) % to;
    this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(short)]);
  }

  u8(value: number): void {
    this.#append(1, (bytes) => bytes.writeUInt8(value));
  }

  u32(value: number): void {
    this.#append(4, (bytes) => bytes.writeUInt32LE(value));
  }

  u64(value: bigint): void {
    this.#append(8, (bytes) => bytes.writeBigUInt64LE(value));
  }

  f64(value: number): void {
    this.#append(8, (bytes) => bytes.writeDoubleLE(value));
  }

  #append(size: number, write: (bytes: Buffer) => void): void {
    this.align(size);
    const bytes = Buffer.alloc(size);
    write(bytes);
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
  }
}

/** CRC-32C by long division in GF(2), on the bits as they are sent, in BigInt: not the reader's way. */
function crc32c(bytes: Buffer): number {
  const polynomial = 0x11edc6f41n;
  const message = [...bytes].map((byte) => reversedBits(byte, 8)).concat([0, 0, 0, 0]);
  for (let index = 0; index < 4; index++) message[index] = (message[index] ?? 0) ^ 0xff;
  let remainder = 0n;
  for (const byte of message) {
    remainder = (remainder << 8n) | BigInt(byte);
    for (let bit = 39n; bit >= 32n; bit--) {
      if ((remainder >> bit) & 1n) remainder ^= polynomial << (bit - 32n);
    }
  }
  return reversedBits(Number(remainder ^ 0xffffffffn), 32);
}

function reversedBits(value: number, width: number): number {
  return Number.parseInt(value.toString(2).padStart(width, '0').split('').toReversed().join(''), 2);
}
