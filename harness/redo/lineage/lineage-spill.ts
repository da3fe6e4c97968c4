import { join } from 'node:path';

import { alignUp8 } from '../../wal/raw-record.ts';
import { wordsOf } from '../../wal/words.ts';
import { LongBlock, SpillFile, type SpillBlock, type WriteBlock } from './spill-file.ts';
import { entryHeaderBytes, writeEntryHeader, type SpilledRole } from './spilled-record.ts';
import { writeAll } from '../tape/write-all.ts';

export type { SpilledRecord, SpilledRole } from './spilled-record.ts';

/** Longer records are copied by the runtime, shorter ones word by word: a call costs more than they do. */
const mostBytesByWord = 512;

/**
 * Spills records to disk in partition files keyed by a hash of the page, so that memory is bounded by one partition and
 * not by the WAL. {@link SpilledPartitions} reads them.
 */
export class LineageSpill {
  readonly #files: readonly SpillFile[];
  #source: Buffer = Buffer.alloc(0);
  #sourceWords: Int32Array | undefined;

  /** `directory` must exist and be empty. */
  constructor(directory: string, partitions: number, writeBlock: WriteBlock = writeAll) {
    const long = new LongBlock();
    this.#files = Array.from(
      { length: partitions },
      (_, number) => new SpillFile(partitionPath(directory, number), long, writeBlock),
    );
  }

  /** Appends one record for one page; the order of calls is the order of the lineage. */
  append(
    forkId: number,
    blockNumber: number,
    role: SpilledRole,
    endLsn: number,
    source: Buffer,
    start: number,
    length: number,
  ): void {
    const hash = (Math.imul(blockNumber, 0x9e3779b1) ^ Math.imul(forkId, 0x85ebca6b)) >>> 0;
    const file = this.#files[hash % this.#files.length]!;
    const entryBytes = entryHeaderBytes + alignUp8(length);
    const block = file.room(entryBytes);
    writeEntryHeader(block.words, block.used >>> 2, forkId, blockNumber, role, endLsn, length);
    this.#copy(source, start, length, block);
    file.add(block, entryBytes);
  }

  /** Writes what is left; returns how many entries each partition has. */
  finish(): readonly number[] {
    return this.#files.map((file) => file.finish());
  }

  [Symbol.dispose](): void {
    for (const file of this.#files) file.close();
  }

  #copy(source: Buffer, start: number, length: number, block: SpillBlock): void {
    if (source !== this.#source) {
      this.#source = source;
      this.#sourceWords = wordsOf(source);
    }
    const { bytes, words } = block;
    const to = block.used + entryHeaderBytes;
    const from = this.#sourceWords;
    if (from === undefined || start % 4 !== 0 || length > mostBytesByWord) {
      bytes.set(source.subarray(start, start + length), to);
      return;
    }
    const [first, target, whole] = [start >>> 2, to >>> 2, length >>> 2];
    for (let word = 0; word < whole; word++) words[target + word] = from[first + word]!;
    for (let at = 4 * whole; at < length; at++) bytes[to + at] = source[start + at]!;
  }
}

/** Where a spill in `directory` has the partition of that number. */
export function partitionPath(directory: string, number: number): string {
  return join(directory, `partition-${String(number)}`);
}
