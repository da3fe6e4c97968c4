import { closeSync, fstatSync, openSync, readSync, rmSync } from 'node:fs';

import { allocateWords } from '../../wal/words.ts';
import { partitionPath } from './lineage-spill.ts';
import { SpilledPages } from './spilled-pages.ts';

/** The partitions of a finished spill, read back one at a time through one buffer. Disposing it removes them. */
export class SpilledPartitions {
  readonly #directory: string;
  readonly #entries: readonly number[];
  readonly #pages = new SpilledPages();
  #buffer = allocateWords(0);

  /** `entries` says how many each partition has. */
  constructor(directory: string, entries: readonly number[]) {
    this.#directory = directory;
    this.#entries = entries;
  }

  get partitions(): number {
    return this.#entries.length;
  }

  /** Reads one partition whole and groups it by page; valid until the next call. */
  read(number: number): SpilledPages {
    const sizeBytes = this.#load(partitionPath(this.#directory, number));
    const { bytes, words } = this.#buffer;
    this.#pages.load(bytes, words, sizeBytes, this.#entries[number] ?? 0);
    return this.#pages;
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #load(path: string): number {
    const descriptor = openSync(path, 'r');
    try {
      const sizeBytes = fstatSync(descriptor).size;
      if (this.#buffer.bytes.length < sizeBytes) this.#buffer = allocateWords(sizeBytes + (sizeBytes >>> 3));
      for (let done = 0; done < sizeBytes;)
        done += readSync(descriptor, this.#buffer.bytes, done, sizeBytes - done, done);
      return sizeBytes;
    } finally {
      closeSync(descriptor);
    }
  }
}
