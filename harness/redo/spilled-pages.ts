import { spillBlockHeaderBytes, wholeBlocks } from './spill-file.ts';
import { entryWords, pageHash, readEntry, samePage, type SpilledRecord } from './spilled-record.ts';

const none = -1;

/**
 * The entries of one partition by page, as arrays of numbers: there are a hundred thousand of them, and an object for each
 * would cost more than reading it.
 */
export class SpilledPages {
  /** What the offsets of the records count in. */
  readonly bytes: Buffer;
  readonly #words: Int32Array;
  /** The word at which each entry begins, in the order of writing. */
  readonly #places: Int32Array;
  /** For each entry the next one of its page. */
  readonly #next: Int32Array;
  /** For each page its first entry. */
  readonly #first: Int32Array;
  #pages = 0;

  /** Of a file of `sizeBytes` with so many entries that was read to the start of a buffer; `words` is its memory. */
  constructor(bytes: Buffer, words: Int32Array, sizeBytes: number, entries: number) {
    this.bytes = bytes;
    this.#words = words;
    this.#places = new Int32Array(entries);
    this.#next = new Int32Array(entries).fill(none);
    this.#first = new Int32Array(entries);
    this.#find(sizeBytes);
    this.#link();
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

  #find(sizeBytes: number): void {
    const words = this.#words;
    let entry = 0;
    for (let start = 0; start < sizeBytes;) {
      const used = words[start >>> 2]!;
      const end = (start + used) >>> 2;
      for (let at = (start + spillBlockHeaderBytes) >>> 2; at < end; at += entryWords(words, at))
        this.#places[entry++] = at;
      start += wholeBlocks(used);
    }
  }

  #link(): void {
    const words = this.#words;
    const places = this.#places;
    const last = new Int32Array(places.length);
    // At most half full, so that what is looked for is near.
    const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * places.length + 1))).fill(none);
    const mask = slots.length - 1;
    for (let entry = 0; entry < places.length; entry++) {
      const at = places[entry]!;
      let slot = pageHash(words, at) & mask;
      let page = slots[slot]!;
      while (page !== none && !samePage(words, at, places[this.#first[page]!]!)) {
        slot = (slot + 1) & mask;
        page = slots[slot]!;
      }
      if (page === none) {
        page = this.#pages++;
        slots[slot] = page;
        this.#first[page] = entry;
      } else {
        this.#next[last[page]!] = entry;
      }
      last[page] = entry;
    }
  }
}
