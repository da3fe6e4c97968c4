import { Transform, type TransformCallback } from 'node:stream';

import { RedoubtError } from '../../error.ts';

/** A tar ends with at least one block of zeros. */
const blockBytes = 512;

/** tar-stream keeps a long name in memory until it is whole; what claims more than this is no name. */
const mostHeaderBytes = 2 ** 20;

/** What may wait in streams between this one and the reader of entries. */
const bufferedBytes = 2 ** 20;

/** Lets plain tar bytes through and notices what tar-stream does not: headers without end, and a missing end. */
export class TarMeter extends Transform {
  #passedBytes = 0;
  #limitBytes = mostHeaderBytes + bufferedBytes;
  #tail: Buffer = Buffer.alloc(0);

  /** The reader of entries has come to one: so much more may pass before the next. */
  reached(entrySizeBytes: number): void {
    this.#limitBytes = this.#passedBytes + entrySizeBytes + mostHeaderBytes + bufferedBytes;
  }

  /** Whether what has passed ends like a tar. */
  get isComplete(): boolean {
    return this.#tail.length === blockBytes && this.#tail.every((byte) => byte === 0);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.#passedBytes += chunk.length;
    this.#tail = Buffer.concat([this.#tail, chunk.subarray(-blockBytes)]).subarray(-blockBytes);
    if (this.#passedBytes > this.#limitBytes) {
      callback(
        new RedoubtError(
          'usage',
          'archive-header-too-large',
          'the archive is refused: a header in it has no end',
          {
            details: { offsetBytes: this.#passedBytes },
          },
        ),
      );
      return;
    }
    callback(null, chunk);
  }
}
