import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

import { writeAll, writeFailed } from './write-all.ts';

/** What a file holds: enough to notice any damage. */
export interface FileFacts {
  readonly bytes: number;
  readonly sha256: string;
}

/** Writes a file front to back through one buffer and knows its digest at the end. */
export class FileSink {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #hash = createHash('sha256');
  readonly #buffer: Buffer;
  #used = 0;
  #flushed = 0;

  /** @throws RedoubtError `write-failed` here and in every method: disk full, no permission. */
  constructor(path: string, bufferBytes = 1 << 20) {
    this.#path = path;
    this.#buffer = Buffer.allocUnsafe(bufferBytes);
    try {
      this.#descriptor = openSync(path, 'wx');
    } catch (error) {
      throw writeFailed(path, error);
    }
  }

  get bytes(): number {
    return this.#flushed + this.#used;
  }

  /** Gives `fill` room for `bytes` bytes in the sink's own buffer: no copy on the way to the file. */
  reserve(bytes: number, fill: (target: Buffer, offset: number) => void): void {
    if (bytes > this.#buffer.length) {
      const single = Buffer.allocUnsafe(bytes);
      fill(single, 0);
      this.#flush();
      this.#write(single);
      return;
    }
    if (this.#used + bytes > this.#buffer.length) this.#flush();
    fill(this.#buffer, this.#used);
    this.#used += bytes;
  }

  append(bytes: Buffer): void {
    this.reserve(bytes.length, (target, offset) => {
      bytes.copy(target, offset);
    });
  }

  close(): FileFacts {
    this.#flush();
    closeSync(this.#descriptor);
    return { bytes: this.#flushed, sha256: this.#hash.digest('hex') };
  }

  /** Closes the file after a failure; what was written stays for the owner of the directory to remove. */
  abandon(): void {
    closeSync(this.#descriptor);
  }

  #flush(): void {
    if (this.#used === 0) return;
    this.#write(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }

  #write(bytes: Buffer): void {
    writeAll(this.#descriptor, bytes, this.#path);
    this.#hash.update(bytes);
    this.#flushed += bytes.length;
  }
}

/** Size and digest of a file that is there, read through one buffer: a stream would leave a heap of them behind. */
export function factsOfFile(path: string): FileFacts {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(1 << 20);
  const descriptor = openSync(path, 'r');
  let bytes = 0;
  try {
    for (let read = readSync(descriptor, buffer); read > 0; read = readSync(descriptor, buffer)) {
      hash.update(buffer.subarray(0, read));
      bytes += read;
    }
  } finally {
    closeSync(descriptor);
  }
  return { bytes, sha256: hash.digest('hex') };
}
