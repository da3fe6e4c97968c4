/** Blocks on their way from the thread that fills them to the one that writes them, in memory that both see. */
export interface BlockRing {
  /** How many were sent, and how many were written; `noWriter` in place of the latter when nobody writes any more. */
  readonly counts: Int32Array;
  /** For each slot the file descriptor, and how many bytes of it count; none ends the sending. */
  readonly headers: Int32Array;
  readonly slots: Uint8Array;
}

const sentIndex = 0;
const writtenIndex = 1;
const noWriter = -1;
const slotBytes = 64 << 10;
const slotCount = 64;

/** A disk that takes longer for a block is none to split WAL on; a thread that is gone never takes one. */
const patienceMs = 60_000;

export function newBlockRing(): BlockRing {
  return {
    counts: new Int32Array(new SharedArrayBuffer(8)),
    headers: new Int32Array(new SharedArrayBuffer(8 * slotCount)),
    slots: new Uint8Array(new SharedArrayBuffer(slotBytes * slotCount)),
  };
}

/** The end of a ring at which blocks go in; it blocks its thread while the ring is full. */
export class BlockSender {
  readonly #ring: BlockRing;
  #sent = 0;

  constructor(ring: BlockRing) {
    this.#ring = ring;
  }

  /** Hands over a copy of the bytes, to be written at the descriptor's position. Throws when nobody writes any more. */
  send(descriptor: number, bytes: Buffer): void {
    for (let start = 0; start < bytes.length; start += slotBytes)
      this.#put(descriptor, bytes.subarray(start, start + slotBytes));
  }

  /** Says that nothing follows, and waits until all is written. Throws when nobody writes any more. */
  finish(): void {
    this.#put(noWriter, Buffer.alloc(0));
    this.#waitUntilWritten(this.#sent);
  }

  #put(descriptor: number, piece: Buffer): void {
    const { counts, headers, slots } = this.#ring;
    this.#waitUntilWritten(this.#sent - slotCount + 1);
    const slot = this.#sent % slotCount;
    headers[2 * slot] = descriptor;
    headers[2 * slot + 1] = piece.length;
    slots.set(piece, slot * slotBytes);
    Atomics.store(counts, sentIndex, ++this.#sent);
    Atomics.notify(counts, sentIndex);
  }

  #waitUntilWritten(least: number): void {
    const { counts } = this.#ring;
    for (;;) {
      const written = Atomics.load(counts, writtenIndex);
      if (written === noWriter) throw new Error('the thread that writes has failed');
      if (written >= least) return;
      if (Atomics.wait(counts, writtenIndex, written, patienceMs) === 'timed-out')
        throw new Error('the thread that writes is silent');
    }
  }
}

/** The end of a ring at which blocks come out. */
export class BlockReceiver {
  readonly #ring: BlockRing;
  readonly #write: (descriptor: number, bytes: Uint8Array) => void;
  #written = 0;
  #isClosed = false;

  constructor(ring: BlockRing, write: (descriptor: number, bytes: Uint8Array) => void) {
    this.#ring = ring;
    this.#write = write;
  }

  /** Writes what is there, without waiting for more. */
  writeAvailable(): void {
    while (!this.#isClosed && this.#written < Atomics.load(this.#ring.counts, sentIndex)) this.#take();
  }

  /** Writes until the sender closes. */
  writeToEnd(): void {
    for (;;) {
      this.writeAvailable();
      if (this.#isClosed) return;
      Atomics.wait(this.#ring.counts, sentIndex, this.#written);
    }
  }

  /** Tells the sender that nothing is written any more. */
  fail(): void {
    Atomics.store(this.#ring.counts, writtenIndex, noWriter);
    Atomics.notify(this.#ring.counts, writtenIndex);
  }

  #take(): void {
    const { counts, headers, slots } = this.#ring;
    const slot = this.#written % slotCount;
    const bytes = headers[2 * slot + 1]!;
    const start = slot * slotBytes;
    if (bytes > 0) this.#write(headers[2 * slot]!, slots.subarray(start, start + bytes));
    this.#isClosed = bytes === 0;
    Atomics.store(counts, writtenIndex, ++this.#written);
    Atomics.notify(counts, writtenIndex);
  }
}
