import { spillBlockHeaderBytes, spillBlockSize } from './spill-file.ts';
import { entryWords, pageHash, readEntry, samePage, type SpilledRecord } from './spilled-record.ts';

const none = -1;
const empty = new Int32Array(0);

/**
 * The entries of one partition by page, as arrays of numbers: there are a hundred thousand of them, and an object for each
 * would cost more than reading it.
 */
export class SpilledPages {
  #bytes: Buffer = Buffer.alloc(0);
  #words: Int32Array = empty;
  /** The word at which each entry begins, in the order of writing. */
  #places = empty;
  /** For each entry the next one of its page. */
  #next = empty;
  /** For each page its first and its last entry. */
  #first = empty;
  #last = empty;
  /** Pages by their hash; at most half full, so that what is looked for is near. */
  #slots = empty;
  #pages = 0;

  /** What the offsets of the records count in. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  get pages(): number {
    return this.#pages;
  }

  /** The first thing that happened to a page. */
  first(page: number): SpilledRecord {
    return readEntry(this.#words, this.#places[this.#first[page]!]!);
  }

  /** What happened to a page, at least one thing, in the order of writing; pages count from 0. */
  records(page: number): readonly SpilledRecord[] {
    const records: SpilledRecord[] = [];
    for (let entry = this.#first[page]!; entry !== none; entry = this.#next[entry]!)
      records.push(readEntry(this.#words, this.#places[entry]!));
    return records;
  }

  /** Forgets what was, and takes a file of so many bytes and entries that was read to the start of `bytes`. */
  load(bytes: Buffer, words: Int32Array, sizeBytes: number, entries: number): void {
    this.#bytes = bytes;
    this.#words = words;
    this.#pages = 0;
    this.#reserve(entries);
    this.#link(sizeBytes);
  }

  #reserve(entries: number): void {
    if (this.#places.length < entries) {
      const room = entries + (entries >>> 3);
      this.#places = new Int32Array(room);
      this.#next = new Int32Array(room);
      this.#first = new Int32Array(room);
      this.#last = new Int32Array(room);
      this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * room)));
    }
    this.#slots.fill(none);
  }

  /** Walks over the blocks of the file and links each entry to the one before it of its page. */
  #link(sizeBytes: number): void {
    const words = this.#words;
    const [places, next, first, last, slots] = [
      this.#places,
      this.#next,
      this.#first,
      this.#last,
      this.#slots,
    ];
    const mask = slots.length - 1;
    let entry = 0;
    for (let start = 0; start < sizeBytes;) {
      const used = words[start >>> 2]!;
      const end = (start + used) >>> 2;
      for (let at = (start + spillBlockHeaderBytes) >>> 2; at < end; at += entryWords(words, at)) {
        places[entry] = at;
        next[entry] = none;
        let slot = pageHash(words, at) & mask;
        let page = slots[slot]!;
        while (page !== none && !samePage(words, at, places[first[page]!]!)) {
          slot = (slot + 1) & mask;
          page = slots[slot]!;
        }
        if (page === none) {
          page = this.#pages++;
          slots[slot] = page;
          first[page] = entry;
        } else {
          next[last[page]!] = entry;
        }
        last[page] = entry++;
      }
      start += spillBlockSize(used);
    }
  }
}
