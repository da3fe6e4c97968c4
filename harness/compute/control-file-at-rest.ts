import { crcOfControlFile, parseControlFile } from './control-file.ts';

const offset = {
  state: 16,
  checkpoint: 32,
  checkpointCopy: 40,
  minRecoveryPoint: 136,
  backupEnd: 168,
} as const;
const shutDown = 1;

/**
 * A `global/pg_control` that says: shut down cleanly, with that checkpoint. All else is as in `before` (catalog/pg_control.h,
 * majors 14 to 18). Throws what {@link parseControlFile} throws for `before`.
 */
export function controlFileAtRest(
  before: Buffer,
  checkpointLsn: number,
  checkpoint: Buffer,
  origin: string,
): Buffer {
  parseControlFile(before, origin);
  const bytes = Buffer.from(before);
  bytes.writeUInt32LE(shutDown, offset.state);
  bytes.writeBigUInt64LE(BigInt(checkpointLsn), offset.checkpoint);
  checkpoint.copy(bytes, offset.checkpointCopy);
  // No recovery and no backup is under way: minRecoveryPoint, its timeline, where a backup starts and ends.
  bytes.fill(0, offset.minRecoveryPoint, offset.backupEnd + 1);
  const { at, crc } = crcOfControlFile(bytes);
  bytes.writeUInt32LE(crc, at);
  return bytes;
}
