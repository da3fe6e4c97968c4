import { join } from 'node:path';

import { alignUp8 } from '../wal/raw-record.ts';
import { wordsOf } from '../wal/words.ts';
import { wholeShare, type WorkShare } from '../wal/work-share.ts';
import { LongBlock, SpillFile, type SpillBlock } from './spill-file.ts';
import { entryHeaderBytes, writeEntryHeader, type SpilledRole } from './spilled-record.ts';

export type { SpilledRecord, SpilledRole } from './spilled-record.ts';

/** Longer records are copied by the runtime, shorter ones word by word: a call costs more than they do. */
const mostBytesByWord = 512;

/**
 * Spills records to disk in partition files keyed by a hash of the page, so that memory is bounded by one partition and
 * not by the WAL. {@link SpilledPartitions} reads them.
 */
export class LineageSpill {
  /** Undefined where another share's spill writes the partition. */
  readonly #files: readonly (SpillFile | undefined)[];
  #source: Buffer = Buffer.alloc(0);
  #sourceWords: Int32Array | undefined;

  /** `directory` must exist and have no spill of the same share. */
  constructor(directory: string, partitions: number, share: WorkShare = wholeShare) {
    const long = new LongBlock();
    this.#files = Array.from({ length: partitions }, (_, number) =>
      number % share.of === share.index ? new SpillFile(partitionPath(directory, number), long) : undefined,
    );
  }

  /** Appends one record for one page, if the page is of this share; the order of calls is the order of the lineage. */
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
    const file = this.#files[hash % this.#files.length];
    if (file === undefined) return;
    const entryBytes = entryHeaderBytes + alignUp8(length);
    const block = file.room(entryBytes);
    writeEntryHeader(block.words, block.used >>> 2, forkId, blockNumber, role, endLsn, length);
    this.#copy(source, start, length, block);
    file.add(block, entryBytes);
  }

  /** Writes what is left; returns how many entries each partition has, 0 where another share's spill knows. */
  finish(): readonly number[] {
    return this.#files.map((file) => file?.finish() ?? 0);
  }

  [Symbol.dispose](): void {
    for (const file of this.#files) file?.close();
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
