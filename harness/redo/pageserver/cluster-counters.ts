import { RedoubtError } from '../../error.ts';
import { checkpointOffset as at, type CounterRecord } from '../../wal/checkpoint.ts';
import type { MultiXactEffect } from '../../wal/multixact.ts';

const firstNormalXid = 3;
const epochXids = 0x1_0000_0000;

/** The counters of a cluster as a pageserver keeps them: those of a checkpoint, moved on by every record that follows. */
export class ClusterCounters {
  #bytes: Buffer | undefined;

  /** The CheckPoint with which a server can go on; its redo pointer is still that of the last one in the WAL. */
  checkpoint(): Buffer {
    return Buffer.from(this.#known());
  }

  /** Moves past a transaction (AdvanceNextFullTransactionIdPastXid). */
  seeXid(xid: number): void {
    if (xid < firstNormalXid) return;
    const bytes = this.#known();
    const next = Number(bytes.readBigUInt64LE(at.nextXid));
    const ahead = (xid - (next % epochXids)) | 0;
    if (ahead >= 0) bytes.writeBigUInt64LE(BigInt(next + ahead + 1), at.nextXid);
  }

  record(record: CounterRecord): void {
    if (record.kind === 'next-oid') {
      this.#known().writeUInt32LE(record.oid, at.nextOid);
      return;
    }
    const before = this.#bytes;
    if (before === undefined || record.isShutdown) {
      this.#bytes = record.bytes;
      return;
    }
    // What an online checkpoint says of the next ones was true when it began.
    for (const offset of [at.oldestXid, at.oldestXidDb, at.oldestMulti, at.oldestMultiDb])
      record.bytes.copy(before, offset, offset, offset + 4);
  }

  multiXact(effect: MultiXactEffect): void {
    const bytes = this.#known();
    if (effect.kind === 'create') {
      bytes.writeUInt32LE(effect.multi + 1, at.nextMulti);
      bytes.writeUInt32LE(effect.offset + effect.members.length, at.nextMultiOffset);
      for (const { xid } of effect.members) this.seeXid(xid);
    }
    if (effect.kind === 'truncate') {
      bytes.writeUInt32LE(effect.oldestMulti, at.oldestMulti);
      bytes.writeUInt32LE(effect.oldestMultiDb, at.oldestMultiDb);
    }
  }

  #known(): Buffer {
    if (this.#bytes !== undefined) return this.#bytes;
    throw new RedoubtError(
      'infrastructure',
      'storage-without-checkpoint',
      'the WAL does not begin with a checkpoint: nobody knows how far the transactions were then',
      { remedy: 'Capture again: WAL of a capture begins with the checkpoint of its base.' },
    );
  }
}
