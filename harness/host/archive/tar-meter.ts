import type { Hash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';

import { refuse } from './archive-refusal.ts';
import { TarFrame } from './tar-frame.ts';

/** What passes a meter at most, and in which words. */
export interface TarLimit {
  readonly bytes: number;
  /** As in `the 1000 bytes that are allowed`. */
  readonly words: string;
}

/** What a meter works with. */
export interface TarMeterOptions {
  /** The path of the archive, for errors. */
  readonly archive: string;
  readonly limit: TarLimit;
  /** Takes in all that passes. */
  readonly digest?: Hash;
  /** What is wrong with the compressed data, which have come to their end, if anything is. */
  readonly faultOfSource: () => Error | undefined;
}

/** Lets plain tar bytes through, and ends the stream where they are too many or no sound tar. */
export class TarMeter extends Transform {
  readonly #options: TarMeterOptions;
  readonly #frame: TarFrame;
  #passedBytes = 0;

  constructor(options: TarMeterOptions) {
    super();
    this.#options = options;
    this.#frame = new TarFrame(options.archive);
  }

  /** What has passed. */
  get frame(): TarFrame {
    return this.#frame;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    const { archive, limit, digest } = this.#options;
    this.#passedBytes += chunk.length;
    digest?.update(chunk);
    try {
      this.#frame.push(chunk);
      if (this.#passedBytes > limit.bytes) {
        throw refuse(archive, 'too-large', this.#frame.entry, `makes the whole larger than ${limit.words}`);
      }
      callback(null, chunk);
    } catch (error) {
      callback(error as Error);
    }
  }

  override _flush(callback: TransformCallback): void {
    try {
      const fault = this.#options.faultOfSource();
      if (fault !== undefined) throw fault;
      this.#frame.finish();
      callback();
    } catch (error) {
      callback(error as Error);
    }
  }
}
