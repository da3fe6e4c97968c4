import { RedoubtError } from '../../error.ts';
import type { PageKey } from '../page-key.ts';

/** Where a request's page begins: the base's page is pushed, the first record initialises it, or redo starts from zeros without saying so. */
export type RequestOrigin = 'base' | 'initialised' | 'zero';

/**
 * What the page in the tape's `oracle` file is: recovery's, the model's of what a pageserver does by itself, the image
 * that the WAL carries, the after-image of one record (equal under PostgreSQL's own mask), or nothing that judges.
 */
export type RequestOracle = 'none' | 'recovery' | 'model' | 'image' | 'consistency';

/** One request of a tape: the page it asks for and where its bytes lie. */
export interface TapeRequest {
  /** Position in the tape, and of the answer in its output and in the oracle, from 0. */
  readonly number: number;
  readonly key: PageKey;
  readonly origin: RequestOrigin;
  readonly oracle: RequestOracle;
  /** ApplyRecord messages in it. */
  readonly records: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** End LSNs of its first and last record. */
  readonly firstLsn: number;
  readonly lastLsn: number;
}

/*
 * The index of a tape, schema version 1: one entry of 56 bytes a request, little-endian:
 * spcOid u32, dbOid u32, relNumber u32, block u32, fork u8, origin u8, oracle u8, 0 u8, records u32,
 * offset u64, length u64, firstLsn u64, lastLsn u64.
 */
export const indexEntryBytes = 56;

const origins: readonly RequestOrigin[] = ['base', 'initialised', 'zero'];
const oracles: readonly RequestOracle[] = ['none', 'recovery', 'model', 'image', 'consistency'];

/** Encodes one entry (the request's number is its position). */
export function writeIndexEntry(
  target: Buffer,
  position: number,
  request: Omit<TapeRequest, 'number'>,
): void {
  const { key } = request;
  target.writeUInt32LE(key.spcOid, position);
  target.writeUInt32LE(key.dbOid, position + 4);
  target.writeUInt32LE(key.relNumber, position + 8);
  target.writeUInt32LE(key.blockNumber, position + 12);
  target.writeUInt8(key.forkNumber, position + 16);
  target.writeUInt8(origins.indexOf(request.origin), position + 17);
  target.writeUInt8(oracles.indexOf(request.oracle), position + 18);
  target.writeUInt8(0, position + 19);
  target.writeUInt32LE(request.records, position + 20);
  writeSafe(target, position + 24, request.offsetBytes);
  writeSafe(target, position + 32, request.lengthBytes);
  writeSafe(target, position + 40, request.firstLsn);
  writeSafe(target, position + 48, request.lastLsn);
}

/** A tape's index held as bytes and decoded on demand. */
export class TapeIndex {
  readonly #bytes: Buffer;

  /** @throws RedoubtError `tape-index-invalid` when the bytes are not whole entries that follow one another without gaps. */
  constructor(bytes: Buffer, requestsBytes: number) {
    if (bytes.length % indexEntryBytes !== 0) {
      throw invalid(`${String(bytes.length)} bytes are not a multiple of ${String(indexEntryBytes)}`);
    }
    this.#bytes = bytes;
    let offset = 0;
    for (const request of this) {
      if (request.offsetBytes !== offset) {
        throw invalid(
          `request ${String(request.number)} begins at ${String(request.offsetBytes)}, not at ${String(offset)}`,
        );
      }
      offset += request.lengthBytes;
    }
    if (offset !== requestsBytes) {
      throw invalid(
        `its requests end at byte ${String(offset)}, the requests file at ${String(requestsBytes)}`,
      );
    }
  }

  get length(): number {
    return this.#bytes.length / indexEntryBytes;
  }

  /** @throws RedoubtError `tape-index-invalid` when there is no such request or a field of it is not what can be written. */
  at(number: number): TapeRequest {
    const position = number * indexEntryBytes;
    if (number < 0 || position + indexEntryBytes > this.#bytes.length)
      throw invalid(`no request ${String(number)}`);
    const bytes = this.#bytes;
    const origin = origins[bytes.readUInt8(position + 17)];
    if (origin === undefined) throw invalid(`request ${String(number)} has an unknown origin`);
    const oracle = oracles[bytes.readUInt8(position + 18)];
    if (oracle === undefined || bytes.readUInt8(position + 19) !== 0)
      throw invalid(`request ${String(number)} has flags that mean nothing`);
    return {
      number,
      key: {
        spcOid: bytes.readUInt32LE(position),
        dbOid: bytes.readUInt32LE(position + 4),
        relNumber: bytes.readUInt32LE(position + 8),
        blockNumber: bytes.readUInt32LE(position + 12),
        forkNumber: bytes.readUInt8(position + 16),
      },
      origin,
      oracle,
      records: bytes.readUInt32LE(position + 20),
      offsetBytes: readSafe(bytes, position + 24),
      lengthBytes: readSafe(bytes, position + 32),
      firstLsn: readSafe(bytes, position + 40),
      lastLsn: readSafe(bytes, position + 48),
    };
  }

  /** `at(number).oracle` without decoding the rest. */
  oracle(number: number): RequestOracle {
    return oracles[this.#bytes[number * indexEntryBytes + 18] ?? 0] ?? 'none';
  }

  *[Symbol.iterator](): IterableIterator<TapeRequest> {
    for (let number = 0; number < this.length; number++) yield this.at(number);
  }
}

function writeSafe(target: Buffer, position: number, value: number): void {
  target.writeUInt32LE(value % 0x1_0000_0000, position);
  target.writeUInt32LE(Math.floor(value / 0x1_0000_0000), position + 4);
}

function readSafe(bytes: Buffer, position: number): number {
  const high = bytes.readUInt32LE(position + 4);
  if (high >= 0x20_0000) throw invalid(`a number at byte ${String(position)} is beyond 2^53`);
  return high * 0x1_0000_0000 + bytes.readUInt32LE(position);
}

function invalid(what: string): RedoubtError {
  return new RedoubtError('infrastructure', 'tape-index-invalid', `tape index: ${what}`, {
    remedy: 'The tape is damaged; take a fresh copy or make it again with `redoubt capture`.',
  });
}
