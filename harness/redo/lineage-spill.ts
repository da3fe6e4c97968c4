import { closeSync, fstatSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { writeAll } from './write-all.ts';

/**
 * What happened to a page: a record, one that makes the page without looking at what was there, or a change that a
 * pageserver makes by itself (bits of the visibility map cleared in passing, or cut off with the heap).
 */
export type SpilledRole = 'record' | 'initialising' | 'clear' | 'truncate';

const roles: readonly SpilledRole[] = ['record', 'initialising', 'clear', 'truncate'];

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

const headerBytes = 24;
/** What all write buffers together may take, whatever the number of partitions. */
const buffersBytes = 16 << 20;
const leastBufferBytes = 32 << 10;
const mostBufferBytes = 256 << 10;

/**
 * Records grouped by page on disk: partition files keyed by a hash of the page, so that memory is bounded by one
 * partition and not by the WAL. An entry is forkId u32, block u32, endLsn u64, length u32, role u32, bytes.
 */
export class LineageSpill {
  readonly #directory: string;
  readonly #files: {
    readonly path: string;
    readonly descriptor: number;
    readonly buffer: Buffer;
    used: number;
  }[];

  readonly #bufferBytes: number;
  #partition = Buffer.alloc(0);

  constructor(directory: string, partitions: number) {
    this.#directory = directory;
    this.#bufferBytes = Math.min(
      mostBufferBytes,
      Math.max(leastBufferBytes, Math.floor(buffersBytes / partitions)),
    );
    this.#files = Array.from({ length: partitions }, (_, number) => {
      const path = join(directory, `partition-${String(number)}`);
      return {
        path,
        descriptor: openSync(path, 'wx+'),
        buffer: Buffer.allocUnsafe(this.#bufferBytes),
        used: 0,
      };
    });
  }

  get partitions(): number {
    return this.#files.length;
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
    const file = this.#files[hash % this.#files.length];
    if (file === undefined) return;
    const bytes = headerBytes + length;
    if (file.used + bytes > this.#bufferBytes) this.#flush(file);
    const fits = bytes <= this.#bufferBytes;
    const target = fits ? file.buffer : Buffer.allocUnsafe(bytes);
    const offset = fits ? file.used : 0;
    target.writeUInt32LE(forkId, offset);
    target.writeUInt32LE(blockNumber, offset + 4);
    target.writeUInt32LE(endLsn % 0x1_0000_0000, offset + 8);
    target.writeUInt32LE(Math.floor(endLsn / 0x1_0000_0000), offset + 12);
    target.writeUInt32LE(length, offset + 16);
    target.writeUInt32LE(roles.indexOf(role), offset + 20);
    source.copy(target, offset + headerBytes, start, start + length);
    if (fits) file.used += bytes;
    else writeAll(file.descriptor, target, file.path);
  }

  /** Reads one partition whole; the records of a page come in the order in which they were appended. */
  *read(number: number): Generator<{ readonly bytes: Buffer; readonly entry: SpilledRecord }> {
    const file = this.#files[number];
    if (file === undefined) return;
    this.#flush(file);
    const bytes = this.#load(file);
    for (let offset = 0; offset < bytes.length;) {
      const recordBytes = bytes.readUInt32LE(offset + 16);
      yield {
        bytes,
        entry: {
          forkId: bytes.readUInt32LE(offset),
          blockNumber: bytes.readUInt32LE(offset + 4),
          endLsn: bytes.readUInt32LE(offset + 12) * 0x1_0000_0000 + bytes.readUInt32LE(offset + 8),
          role: roles[bytes.readUInt32LE(offset + 20)] ?? 'record',
          recordOffset: offset + headerBytes,
          recordBytes,
        },
      };
      offset += headerBytes + recordBytes;
    }
  }

  /** One buffer serves all partitions, one after the other. */
  #load({ descriptor }: { readonly descriptor: number }): Buffer {
    const length = fstatSync(descriptor).size;
    if (this.#partition.length < length) this.#partition = Buffer.allocUnsafe(length + (length >>> 3));
    for (let done = 0; done < length;)
      done += readSync(descriptor, this.#partition, done, length - done, done);
    return this.#partition.subarray(0, length);
  }

  [Symbol.dispose](): void {
    for (const file of this.#files) closeSync(file.descriptor);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #flush(file: {
    readonly path: string;
    readonly descriptor: number;
    readonly buffer: Buffer;
    used: number;
  }): void {
    writeAll(file.descriptor, file.buffer.subarray(0, file.used), file.path);
    file.used = 0;
  }
}
