import { closeSync, openSync } from 'node:fs';

import { allocateWords } from '../../wal/words.ts';

/** What a file is written in: whole, aligned pieces cost the kernel a fraction of what others do. */
const blockBytes = 64 << 10;
/** At the start of a block, u32: the bytes of it that are in use, these included; then 4 bytes that mean nothing. */
export const spillBlockHeaderBytes = 8;

/** Memory for entries; `used` is where the next one begins, a multiple of 8. */
export interface SpillBlock {
  readonly bytes: Buffer;
  readonly words: Int32Array;
  used: number;
}

/** Puts whole blocks at a descriptor's position, at once or in time: those of one descriptor in order. */
export type WriteBlock = (descriptor: number, bytes: Buffer, path: string) => void;

/** A block as long as it needs to be, for one entry after the other: memory that all files of a spill share. */
export class LongBlock {
  #block = newBlock(0);

  room(bytes: number): SpillBlock {
    if (this.#block.bytes.length < bytes) this.#block = newBlock(bytes);
    this.#block.used = spillBlockHeaderBytes;
    return this.#block;
  }
}

/** Writes a file of entries block by block; an entry that no block can hold has a longer one to itself. */
export class SpillFile {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #long: LongBlock;
  readonly #writeBlock: WriteBlock;
  readonly #block = newBlock(blockBytes);
  #entries = 0;

  /** The file must not exist. */
  constructor(path: string, long: LongBlock, writeBlock: WriteBlock) {
    this.#path = path;
    this.#long = long;
    this.#writeBlock = writeBlock;
    this.#descriptor = openSync(path, 'wx');
  }

  /** A block whose `used` is where an entry of so many bytes goes. The caller fills it in and calls {@link add}. */
  room(entryBytes: number): SpillBlock {
    const block = this.#block;
    if (block.used + entryBytes <= blockBytes) return block;
    this.#flush();
    return block.used + entryBytes <= blockBytes ? block : this.#long.room(block.used + entryBytes);
  }

  /** Takes the entry that was put into the block that {@link room} gave. */
  add(block: SpillBlock, entryBytes: number): void {
    block.used += entryBytes;
    this.#entries++;
    if (block !== this.#block) this.#write(block);
  }

  /** Writes what is left; returns how many entries the file has. */
  finish(): number {
    this.#flush();
    return this.#entries;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #flush(): void {
    if (this.#block.used === spillBlockHeaderBytes) return;
    this.#write(this.#block);
    this.#block.used = spillBlockHeaderBytes;
  }

  #write({ bytes, words, used }: SpillBlock): void {
    words[0] = used;
    this.#writeBlock(this.#descriptor, bytes.subarray(0, spillBlockSize(used)), this.#path);
  }
}

/** What a block of which so many bytes are in use takes in a file. */
export function spillBlockSize(usedBytes: number): number {
  return Math.ceil(usedBytes / blockBytes) * blockBytes;
}

function newBlock(leastBytes: number): SpillBlock {
  return { ...allocateWords(spillBlockSize(leastBytes)), used: spillBlockHeaderBytes };
}
