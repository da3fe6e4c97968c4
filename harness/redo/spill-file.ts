import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

import { allocateWords } from '../wal/words.ts';
import { writeAll } from './write-all.ts';

/** What a file is written in: whole, aligned pieces cost the kernel a fraction of what others do. */
export const spillBlockBytes = 64 << 10;
/** At the start of a block, u32: the bytes of it that are in use, these included; then 4 zero bytes. */
export const spillBlockHeaderBytes = 8;

/** Memory for entries; `used` is where the next one begins, a multiple of 8. */
export interface SpillBlock {
  readonly bytes: Buffer;
  readonly words: Int32Array;
  used: number;
}

/** A file of entries, written block by block; an entry that no block can hold has a longer one to itself. */
export class SpillFile {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #block = newBlock(spillBlockBytes);
  #entries = 0;

  constructor(path: string) {
    this.#path = path;
    this.#descriptor = openSync(path, 'wx+');
  }

  /** How many entries it has. */
  get entries(): number {
    return this.#entries;
  }

  /** A block whose `used` is where an entry of so many bytes goes. The caller fills it in and calls {@link add}. */
  room(entryBytes: number): SpillBlock {
    const block = this.#block;
    if (block.used + entryBytes <= spillBlockBytes) return block;
    this.#flush();
    return block.used + entryBytes <= spillBlockBytes ? block : newBlock(block.used + entryBytes);
  }

  /** Takes the entry that was put into the block that {@link room} gave. */
  add(block: SpillBlock, entryBytes: number): void {
    block.used += entryBytes;
    this.#entries++;
    if (block !== this.#block) this.#write(block);
  }

  /** Writes what is left; returns the file's size, a whole number of blocks. */
  finish(): number {
    this.#flush();
    return fstatSync(this.#descriptor).size;
  }

  /** Reads the file to the start of `target`. */
  load(target: Buffer, sizeBytes: number): void {
    for (let done = 0; done < sizeBytes;)
      done += readSync(this.#descriptor, target, done, sizeBytes - done, done);
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
    writeAll(this.#descriptor, bytes, this.#path);
  }
}

/** The sizes of blocks as a file has them. */
export function wholeBlocks(bytes: number): number {
  return Math.ceil(bytes / spillBlockBytes) * spillBlockBytes;
}

function newBlock(leastBytes: number): SpillBlock {
  return { ...allocateWords(wholeBlocks(leastBytes)), used: spillBlockHeaderBytes };
}
