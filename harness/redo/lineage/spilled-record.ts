import { alignUp8 } from '../../wal/raw-record.ts';

/**
 * What happened to a page: a record, one that makes the page without looking at what was there, or a change that a
 * pageserver makes by itself (bits of the visibility map cleared in passing, or cut off with the heap).
 */
export type SpilledRole = 'record' | 'initialising' | 'clear' | 'truncate';

const roles: readonly SpilledRole[] = ['record', 'initialising', 'clear', 'truncate'];
const roleNumbers: Readonly<Record<SpilledRole, number>> = {
  record: 0,
  initialising: 1,
  clear: 2,
  truncate: 3,
};

/** A record, or the payload of a pageserver's own change, as it concerns one page; its bytes lie in the partition. */
export interface SpilledRecord {
  /** The number that the splitter gave to (spc, db, rel, fork). */
  readonly forkId: number;
  readonly blockNumber: number;
  readonly role: SpilledRole;
  readonly endLsn: number;
  readonly recordOffset: number;
  readonly recordBytes: number;
}

/** An entry of a spill file is forkId u32, block u32, endLsn u64, length u32, role u32, the bytes, and a fill to a multiple of 8. */
export const entryHeaderBytes = 24;

/** How many words the entry that begins at the word `at` takes. */
export function entryWords(words: Int32Array, at: number): number {
  return (entryHeaderBytes + alignUp8(words[at + 4]!)) >>> 2;
}

/** Whether two entries are about one page. */
export function samePage(words: Int32Array, at: number, other: number): boolean {
  return words[at] === words[other] && words[at + 1] === words[other + 1];
}

/** A number that entries about one page share; it says nothing about the partition that they are in. */
export function pageHash(words: Int32Array, at: number): number {
  return Math.imul(words[at + 1]! ^ Math.imul(words[at]!, 0x1b873593), 0xcc9e2d51) >>> 7;
}

/** Writes the header of an entry from the word `at` on. */
export function writeEntryHeader(
  words: Int32Array,
  at: number,
  forkId: number,
  blockNumber: number,
  role: SpilledRole,
  endLsn: number,
  recordBytes: number,
): void {
  words[at] = forkId;
  words[at + 1] = blockNumber;
  words[at + 2] = endLsn;
  words[at + 3] = Math.floor(endLsn / 0x1_0000_0000);
  words[at + 4] = recordBytes;
  words[at + 5] = roleNumbers[role];
}

/** The entry that begins at the word `at`. */
export function readEntry(words: Int32Array, at: number): SpilledRecord {
  return {
    forkId: words[at]!,
    blockNumber: words[at + 1]! >>> 0,
    endLsn: (words[at + 3]! >>> 0) * 0x1_0000_0000 + (words[at + 2]! >>> 0),
    role: roles[words[at + 5]!] ?? 'record',
    recordOffset: 4 * at + entryHeaderBytes,
    recordBytes: words[at + 4]!,
  };
}
