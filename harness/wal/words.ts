/**
 * The memory of `bytes` as 32-bit words of the machine (little-endian, as WAL is), as many as are whole; undefined when it
 * begins where no word can.
 */
export function wordsOf(bytes: Buffer): Int32Array | undefined {
  if (bytes.byteOffset % Int32Array.BYTES_PER_ELEMENT !== 0) {
    return undefined;
  }
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
}

/** A buffer whose memory can be seen as words: a new one of its own. */
export function allocateWords(sizeBytes: number): { readonly bytes: Buffer; readonly words: Int32Array } {
  const bytes = Buffer.allocUnsafeSlow(sizeBytes);
  return { bytes, words: new Int32Array(bytes.buffer, 0, sizeBytes >>> 2) };
}
