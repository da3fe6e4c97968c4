/*
 * What harness/page uses of Node's Buffer: with it, the very code that explains pages in the terminal explains them in a
 * browser. Imported before any of that code.
 */

type Encoding = 'hex' | 'latin1' | 'utf8';

class BrowserBuffer extends Uint8Array {
  #view(): DataView {
    return new DataView(this.buffer, this.byteOffset, this.byteLength);
  }

  readUInt8(offset = 0): number {
    return this.#view().getUint8(offset);
  }

  readUInt16LE(offset = 0): number {
    return this.#view().getUint16(offset, true);
  }

  readUInt32LE(offset = 0): number {
    return this.#view().getUint32(offset, true);
  }

  readInt32LE(offset = 0): number {
    return this.#view().getInt32(offset, true);
  }

  readUIntLE(offset: number, length: number): number {
    let value = 0;
    for (let at = length - 1; at >= 0; at--) value = value * 256 + this.readUInt8(offset + at);
    return value;
  }

  readBigUInt64LE(offset = 0): bigint {
    return this.#view().getBigUint64(offset, true);
  }

  readBigInt64LE(offset = 0): bigint {
    return this.#view().getBigInt64(offset, true);
  }

  readDoubleLE(offset = 0): number {
    return this.#view().getFloat64(offset, true);
  }

  writeUInt16LE(value: number, offset = 0): number {
    this.#view().setUint16(offset, value, true);
    return offset + 2;
  }

  writeUInt32LE(value: number, offset = 0): number {
    this.#view().setUint32(offset, value, true);
    return offset + 4;
  }

  equals(other: Uint8Array): boolean {
    return this.length === other.length && this.every((byte, at) => byte === other[at]);
  }

  compare(other: Uint8Array, otherStart = 0, otherEnd = other.length, start = 0, end = this.length): number {
    const length = Math.min(otherEnd - otherStart, end - start);
    for (let at = 0; at < length; at++) {
      const difference = (this[start + at] ?? 0) - (other[otherStart + at] ?? 0);
      if (difference !== 0) return Math.sign(difference);
    }
    return Math.sign(end - start - (otherEnd - otherStart));
  }

  copy(target: Uint8Array, targetStart = 0, start = 0, end = this.length): number {
    target.set(this.subarray(start, end), targetStart);
    return end - start;
  }

  override toString(encoding: Encoding = 'utf8', start = 0, end = this.length): string {
    const bytes = this.subarray(start, end);
    switch (encoding) {
      case 'hex':
        return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
      case 'latin1':
        return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
      case 'utf8':
        return new TextDecoder().decode(bytes);
    }
  }

  static alloc(size: number): BrowserBuffer {
    return new BrowserBuffer(size);
  }
}

Object.assign(globalThis, { Buffer: BrowserBuffer });
