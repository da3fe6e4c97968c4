import type { Hash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';

import { RedoubtError } from '../../error.ts';

/** A tar ends with at least one block of zeros. */
const blockBytes = 512;

/** Lets plain tar bytes through and notices what tar-stream does not: too many of them, and a missing end. */
export class TarMeter extends Transform {
  readonly #limitBytes: number;
  readonly #digest: Hash | undefined;
  #passedBytes = 0;
  #tail: Buffer = Buffer.alloc(0);

  /** All that passes goes through `digest` as well. */
  constructor(limitBytes: number, digest?: Hash) {
    super();
    this.#digest = digest;
    this.#limitBytes = limitBytes;
  }

  /** Whether what has passed ends like a tar. */
  get isComplete(): boolean {
    return this.#tail.length === blockBytes && this.#tail.every((byte) => byte === 0);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.#passedBytes += chunk.length;
    this.#digest?.update(chunk);
    this.#tail = Buffer.concat([this.#tail, chunk.subarray(-blockBytes)]).subarray(-blockBytes);
    if (this.#passedBytes <= this.#limitBytes) {
      callback(null, chunk);
      return;
    }
    callback(
      new RedoubtError(
        'usage',
        'archive-too-large',
        `the archive is refused: it holds more than ${this.#limitBytes} bytes`,
        { details: { limitBytes: this.#limitBytes } },
      ),
    );
  }
}
