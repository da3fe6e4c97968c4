import { readSync } from 'node:fs';

import { RedoubtError } from '../../error.ts';

/** The bytes of an ELF file, of which only the parts that are asked for are read. */
export interface ElfSource {
  readonly sizeBytes: number;
  /** A part of the file. Throws `elf-invalid` with the offset when it lies outside. */
  readonly slice: (offsetBytes: number, lengthBytes: number) => Buffer;
}

/** An ELF file that is in memory. */
export function bufferSource(bytes: Buffer): ElfSource {
  return {
    sizeBytes: bytes.length,
    slice: (offsetBytes, lengthBytes) => {
      checkRange(bytes.length, offsetBytes, lengthBytes);
      return bytes.subarray(offsetBytes, offsetBytes + lengthBytes);
    },
  };
}

/** An ELF file that is in memory in pieces, one after the other; only what is asked for is put together. */
export function piecesSource(pieces: readonly Buffer[]): ElfSource {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return bufferSource(only);
  const sizeBytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return {
    sizeBytes,
    slice: (offsetBytes, lengthBytes) => {
      checkRange(sizeBytes, offsetBytes, lengthBytes);
      const parts: Buffer[] = [];
      let start = 0;
      for (const piece of pieces) {
        const from = Math.max(offsetBytes - start, 0);
        const to = Math.min(offsetBytes + lengthBytes - start, piece.length);
        if (from < to) parts.push(piece.subarray(from, to));
        start += piece.length;
      }
      const [first] = parts;
      return first !== undefined && parts.length === 1 ? first : Buffer.concat(parts);
    },
  };
}

/** An ELF file that is open; the descriptor stays the caller's. */
export function fileSource(descriptor: number, sizeBytes: number): ElfSource {
  return {
    sizeBytes,
    slice: (offsetBytes, lengthBytes) => {
      checkRange(sizeBytes, offsetBytes, lengthBytes);
      const bytes = Buffer.allocUnsafe(lengthBytes);
      const read = readSync(descriptor, bytes, 0, lengthBytes, offsetBytes);
      if (read !== lengthBytes)
        throw elfInvalid('the file became shorter while it was read', offsetBytes + read);
      return bytes;
    },
  };
}

/** The error for an ELF file that contradicts itself; `offsetBytes` is where. */
export function elfInvalid(what: string, offsetBytes: number): RedoubtError {
  return new RedoubtError('usage', 'elf-invalid', `${what} (offset ${offsetBytes})`, {
    details: { offsetBytes },
  });
}

function checkRange(sizeBytes: number, offsetBytes: number, lengthBytes: number): void {
  if (!Number.isSafeInteger(offsetBytes) || offsetBytes < 0 || offsetBytes + lengthBytes > sizeBytes)
    throw elfInvalid('a part lies outside of the file', offsetBytes);
}
