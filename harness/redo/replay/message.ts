import { RedoubtError } from '../../error.ts';
import type { PageKey } from '../page-key.ts';

/*
 * The walredo wire: tag u8, length u32 big-endian (counts itself, not the tag), payload. A page key is the fork as u8
 * and four u32, all big-endian, fork first. The same for all majors (neon: pgxn/neon_walredo/walredoproc.c).
 */

export const walredoPageSizeBytes = 8192;

const tags = { begin: 0x42, push: 0x50, apply: 0x41, get: 0x47, ping: 0x48 } as const;

const keyBytes = 17;
const frameBytes = 5;
const lsnBytes = 8;

/** Bytes of a whole message on the wire, tag and length included. */
export const messageBytes = {
  begin: frameBytes + keyBytes,
  push: frameBytes + keyBytes + walredoPageSizeBytes,
  get: frameBytes + keyBytes,
  ping: frameBytes,
  apply: (recordBytes: number): number => frameBytes + lsnBytes + recordBytes,
} as const;

/** Writes messages into one buffer from an offset on; each method returns the offset after the message. */
export const messageWriter = {
  begin(target: Buffer, offset: number, key: PageKey): number {
    return writeKeyed(target, offset, tags.begin, messageBytes.begin, key);
  },

  /** `page` is 8192 bytes. */
  push(target: Buffer, offset: number, key: PageKey, page: Buffer): number {
    const pageOffset = writeKeyed(target, offset, tags.push, messageBytes.push, key);
    page.copy(target, pageOffset, 0, walredoPageSizeBytes);
    return pageOffset + walredoPageSizeBytes;
  },

  /** `endLsn` is the record's end, rounded up to 8; the record is `record[start, end)` exactly as in the WAL. */
  apply(
    target: Buffer,
    offset: number,
    endLsn: number,
    record: Buffer,
    start = 0,
    end = record.length,
  ): number {
    const bytes = end - start;
    target[offset] = tags.apply;
    target.writeUInt32BE(4 + lsnBytes + bytes, offset + 1);
    target.writeUInt32BE(Math.floor(endLsn / 0x1_0000_0000), offset + frameBytes);
    target.writeUInt32BE(endLsn % 0x1_0000_0000, offset + frameBytes + 4);
    record.copy(target, offset + frameBytes + lsnBytes, start, end);
    return offset + frameBytes + lsnBytes + bytes;
  },

  get(target: Buffer, offset: number, key: PageKey): number {
    return writeKeyed(target, offset, tags.get, messageBytes.get, key);
  },

  ping(target: Buffer, offset: number): number {
    target[offset] = tags.ping;
    target.writeUInt32BE(4, offset + 1);
    return offset + frameBytes;
  },
} as const;

function writeKeyed(target: Buffer, offset: number, tag: number, totalBytes: number, key: PageKey): number {
  target[offset] = tag;
  target.writeUInt32BE(totalBytes - 1, offset + 1);
  target[offset + 5] = key.forkNumber;
  target.writeUInt32BE(key.spcOid, offset + 6);
  target.writeUInt32BE(key.dbOid, offset + 10);
  target.writeUInt32BE(key.relNumber, offset + 14);
  target.writeUInt32BE(key.blockNumber, offset + 18);
  return offset + frameBytes + keyBytes;
}

/** One message as read from a stream; `page` and `record` are views into it. */
export type Message =
  | { readonly kind: 'begin' | 'get'; readonly key: PageKey }
  | { readonly kind: 'push'; readonly key: PageKey; readonly page: Buffer }
  | { readonly kind: 'apply'; readonly endLsn: number; readonly record: Buffer }
  | { readonly kind: 'ping' };

/**
 * Reads the message at `offset`; errors count offsets from `origin`, where the bytes lie in their file.
 * @throws RedoubtError `walredo-message-invalid` with the offset: unknown tag, wrong length, or bytes missing.
 */
export function readMessage(
  bytes: Buffer,
  offset: number,
  origin = 0,
): { readonly message: Message; readonly nextOffset: number } {
  if (offset + frameBytes > bytes.length) throw invalid(origin + offset, 'its tag and length are cut short');
  const tag = bytes.readUInt8(offset);
  const length = bytes.readUInt32BE(offset + 1);
  const nextOffset = offset + 1 + length;
  const expectedLength = fixedLengths.get(tag);
  if (expectedLength === undefined && tag !== tags.apply) {
    throw invalid(origin + offset, `unknown tag 0x${tag.toString(16).padStart(2, '0')}`);
  }
  if (expectedLength === undefined ? length < 4 + lsnBytes : length !== expectedLength) {
    throw invalid(
      origin + offset,
      `length ${String(length)} is not possible for '${String.fromCharCode(tag)}'`,
    );
  }
  if (nextOffset > bytes.length)
    throw invalid(origin + offset, `${String(nextOffset - bytes.length)} of its bytes are missing`);
  return { message: readPayload(bytes, offset, tag, nextOffset, origin), nextOffset };
}

const fixedLengths: ReadonlyMap<number, number> = new Map([
  [tags.begin, messageBytes.begin - 1],
  [tags.push, messageBytes.push - 1],
  [tags.get, messageBytes.get - 1],
  [tags.ping, messageBytes.ping - 1],
]);

function readPayload(bytes: Buffer, offset: number, tag: number, end: number, origin: number): Message {
  const payload = offset + frameBytes;
  switch (tag) {
    case tags.begin:
      return { kind: 'begin', key: readKey(bytes, payload) };
    case tags.get:
      return { kind: 'get', key: readKey(bytes, payload) };
    case tags.push:
      return { kind: 'push', key: readKey(bytes, payload), page: bytes.subarray(payload + keyBytes, end) };
    case tags.ping:
      return { kind: 'ping' };
    default:
      return {
        kind: 'apply',
        endLsn: readLsn(bytes, payload, origin),
        record: bytes.subarray(payload + lsnBytes, end),
      };
  }
}

function readLsn(bytes: Buffer, offset: number, origin: number): number {
  const high = bytes.readUInt32BE(offset);
  if (high >= 0x20_0000) throw invalid(origin + offset, 'its LSN is beyond 2^53');
  return high * 0x1_0000_0000 + bytes.readUInt32BE(offset + 4);
}

function readKey(bytes: Buffer, offset: number): PageKey {
  return {
    forkNumber: bytes.readUInt8(offset),
    spcOid: bytes.readUInt32BE(offset + 1),
    dbOid: bytes.readUInt32BE(offset + 5),
    relNumber: bytes.readUInt32BE(offset + 9),
    blockNumber: bytes.readUInt32BE(offset + 13),
  };
}

function invalid(offset: number, what: string): RedoubtError {
  return new RedoubtError(
    'infrastructure',
    'walredo-message-invalid',
    `walredo message at byte ${String(offset)}: ${what}`,
    {
      remedy: 'The file is damaged or is not a recording of walredo requests; take a fresh copy.',
      details: { offset },
    },
  );
}
