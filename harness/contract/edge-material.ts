import { RedoubtError } from '../error.ts';
import { messageBytes, messageWriter, walredoPageSizeBytes } from '../redo/replay/message.ts';
import { mainFork, type PageKey } from '../redo/page-key.ts';
import { readRequestRecords } from '../redo/request/request-records.ts';
import type { Tape } from '../redo/tape/tape.ts';
import type { TapeRequest } from '../redo/tape/tape-index.ts';
import { rawRecordFromBytes } from '../wal/raw-record.ts';
import { decodeRecord } from '../wal/decode.ts';
import { rmgrIds } from '../wal/names.ts';

/** A whole request with the page that answers it, which is not all zeros. */
export interface GoodRequest {
  readonly key: PageKey;
  readonly request: Buffer;
  readonly page: Buffer;
}

/** A record that changes a page which is there already. */
export interface ChangingRecord {
  readonly key: PageKey;
  readonly endLsn: number;
  readonly bytes: Buffer;
}

/** Real requests and records out of which the edges of the protocol are made. */
export interface EdgeMaterial {
  /** Two requests for different pages with different answers. */
  readonly first: GoodRequest;
  readonly second: GoodRequest;
  readonly change: ChangingRecord;
}

/** Picks the material out of a tape and the answers to it. Throws `tape-unfit` when it has too little. */
export function edgeMaterial(tape: Tape, answers: Buffer): EdgeMaterial {
  const good: GoodRequest[] = [];
  let change: ChangingRecord | undefined;
  for (const each of tape.index) {
    const request = tape.readRequest(each);
    const page = answers.subarray(
      each.number * walredoPageSizeBytes,
      (each.number + 1) * walredoPageSizeBytes,
    );
    const isAnother = !page.every((byte) => byte === 0) && good.every((known) => !known.page.equals(page));
    if (good.length < 2 && isAnother) good.push({ key: each.key, request, page });
    change ??= changingRecord(tape, each, request);
    const [first, second] = good;
    if (first !== undefined && second !== undefined && change !== undefined) return { first, second, change };
  }
  throw new RedoubtError(
    'infrastructure',
    'tape-unfit',
    `the tape ${tape.directory} has no two unlike pages and no record that changes a page`,
    { remedy: 'Take a tape of a workload that changes tables.' },
  );
}

function changingRecord(tape: Tape, { key }: TapeRequest, request: Buffer): ChangingRecord | undefined {
  const [record] = readRequestRecords(request).records;
  if (record === undefined) return undefined;
  const raw = rawRecordFromBytes(record.bytes, record.endLsn);
  const { rmgrId, blocks } = decodeRecord(raw, tape.manifest.major);
  const makesPage = blocks.some(({ willInit, hasImage }) => willInit || hasImage);
  // Redo makes pages of the maps from nothing, without a word in the record.
  const needsPage = key.forkNumber === mainFork && (rmgrId === rmgrIds.heap || rmgrId === rmgrIds.btree);
  return needsPage && !makesPage ? { key, ...record } : undefined;
}

/** Single messages, each a buffer of its own. */
export const messages = {
  begin(key: PageKey): Buffer {
    const bytes = Buffer.alloc(messageBytes.begin);
    messageWriter.begin(bytes, 0, key);
    return bytes;
  },

  push(key: PageKey, page: Buffer): Buffer {
    const bytes = Buffer.alloc(messageBytes.push);
    messageWriter.push(bytes, 0, key, page);
    return bytes;
  },

  apply(endLsn: number, record: Buffer): Buffer {
    const bytes = Buffer.alloc(messageBytes.apply(record.length));
    messageWriter.apply(bytes, 0, endLsn, record);
    return bytes;
  },

  get(key: PageKey): Buffer {
    const bytes = Buffer.alloc(messageBytes.get);
    messageWriter.get(bytes, 0, key);
    return bytes;
  },

  ping(): Buffer {
    const bytes = Buffer.alloc(messageBytes.ping);
    messageWriter.ping(bytes, 0);
    return bytes;
  },

  /** Any tag and any length, with a payload that need not fit either. */
  raw(tag: string, length: number, payload: Buffer = Buffer.alloc(0)): Buffer {
    const head = Buffer.alloc(5);
    head.write(tag, 0, 'latin1');
    head.writeUInt32BE(length, 1);
    return Buffer.concat([head, payload]);
  },
} as const;
