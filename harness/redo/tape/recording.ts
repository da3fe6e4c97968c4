import { closeSync, copyFileSync, fstatSync, mkdirSync, openSync, readSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { RedoubtError } from '../../error.ts';
import { decodeRecord } from '../../wal/decode.ts';
import { flavourOf, type WalFlavour } from '../../wal/flavour.ts';
import { rawRecordFromBytes } from '../../wal/raw-record.ts';
import { isRecordOfMajor } from '../../wal/record-major.ts';
import { walMajors } from '../../wal/wal-format.ts';
import { factsOfFile } from './file-sink.ts';
import { readMessage, walredoPageSizeBytes, type Message } from '../replay/message.ts';
import { forkName, formatPageKey, type PageKey } from '../page-key.ts';
import { indexEntryBytes, writeIndexEntry, type TapeRequest } from './tape-index.ts';
import { tapeFiles, tapeSchemaVersion, type TapeManifest } from './tape-manifest.ts';
import { writeFailed } from './write-all.ts';

type Request = Omit<TapeRequest, 'number'>;

/** What a recording is made of. */
interface Recorded {
  readonly requests: readonly Request[];
  readonly flavour: WalFlavour;
}

/**
 * Makes a tape in `directory` from a recording: the raw bytes that a pageserver wrote to walredo (`*.walredo`). Such a
 * tape has no oracle: it can be replayed, compared between hosts and bundles, and explained. A recording does not say of
 * which major it is.
 * @throws RedoubtError `walredo-message-invalid` with the offset, `recording-incomplete`, `recording-unreadable`, or
 * `recording-major` when its records are those of other majors.
 */
export function tapeOfRecording(path: string, major: number, directory: string): TapeManifest {
  requireMajor(path, major);
  const { requests, flavour } = readRecording(path, major);
  const index = Buffer.alloc(requests.length * indexEntryBytes);
  requests.forEach((request, number) => {
    writeIndexEntry(index, number * indexEntryBytes, request);
  });
  const notJudged: Record<string, number> = {};
  for (const { key } of requests)
    notJudged[forkName(key.forkNumber)] = (notJudged[forkName(key.forkNumber)] ?? 0) + 1;
  try {
    mkdirSync(directory, { recursive: true });
    copyFileSync(path, join(directory, tapeFiles.requests));
    writeFileSync(join(directory, tapeFiles.index), index);
    writeFileSync(join(directory, tapeFiles.oracle), Buffer.alloc(requests.length * walredoPageSizeBytes));
    const onBase = requests.filter(({ origin }) => origin === 'base');
    const manifest: TapeManifest = {
      schemaVersion: tapeSchemaVersion,
      flavour,
      major,
      serverVersion: String(major),
      systemIdentifier: '0',
      timeline: 1,
      startLsn: Math.min(...requests.map(({ firstLsn }) => firstLsn)),
      endLsn: Math.max(...requests.map(({ lastLsn }) => lastLsn)),
      fullPageWrites: false,
      checksums: false,
      workload: `recording ${basename(path)}`,
      collations: [],
      relations: [],
      counts: {
        requests: requests.length,
        records: sumRecords(requests),
        requestsOnPushedBase: onBase.length,
        recordsOnPushedBase: sumRecords(onBase),
        judged: 0,
        notJudged,
        recordsOfRemovedPages: 0,
        untouchedPages: 0,
      },
      files: {
        requests: factsOfFile(join(directory, tapeFiles.requests)),
        index: factsOfFile(join(directory, tapeFiles.index)),
        oracle: factsOfFile(join(directory, tapeFiles.oracle)),
      },
    };
    writeFileSync(join(directory, tapeFiles.manifest), `${JSON.stringify(manifest, null, 2)}\n`);
    return manifest;
  } catch (error) {
    throw error instanceof RedoubtError ? error : writeFailed(directory, error);
  }
}

/** The majors whose servers could have written all records of a recording. Throws what reading one throws. */
export function majorsOfRecording(path: string): readonly number[] {
  let majors: readonly number[] = walMajors;
  for (const { message } of readMessages(path)) {
    if (message.kind !== 'apply') continue;
    const { record, endLsn } = message;
    majors = majors.filter((major) => isRecordOfMajor(record, endLsn, major));
  }
  return majors;
}

/** A record that no major writes is for walredo to judge: it may be what is being looked for. */
function requireMajor(path: string, major: number): void {
  const strange = readMessages(path).find(
    ({ message }) => message.kind === 'apply' && !isRecordOfMajor(message.record, message.endLsn, major),
  );
  if (strange === undefined) return;
  const others = majorsOfRecording(path);
  if (others.length === 0) return;
  throw new RedoubtError(
    'usage',
    'recording-major',
    `${path}, byte ${String(strange.offset)}: PostgreSQL ${String(major)} writes no such record; those of the recording are of ${others.join(' or ')}`,
    { remedy: `Name its major, as in --pg ${String(others[0])}.`, details: { path, offset: strange.offset } },
  );
}

function sumRecords(requests: readonly Request[]): number {
  return requests.reduce((sum, { records }) => sum + records, 0);
}

/** A record that cannot be decoded tells no flavour: what walredo makes of it, and where it is wrong, is to be seen. */
function flavourOfRecord(record: Buffer, endLsn: number, major: number): WalFlavour | undefined {
  try {
    return flavourOf(decodeRecord(rawRecordFromBytes(record, endLsn), major));
  } catch (error) {
    if (error instanceof RedoubtError && error.code.startsWith('wal-corrupt-')) return undefined;
    throw error;
  }
}

function readRecording(path: string, major: number): Recorded {
  const requests: Request[] = [];
  let flavour: WalFlavour | undefined;
  let open: OpenRequest | undefined;
  for (const { message, offset, nextOffset } of readMessages(path)) {
    switch (message.kind) {
      case 'begin':
        open = { key: message.key, offsetBytes: offset, pushed: false, lsns: [] };
        break;
      case 'push':
        if (open !== undefined) open.pushed = true;
        break;
      case 'apply':
        open?.lsns.push(message.endLsn);
        flavour ??= flavourOfRecord(message.record, message.endLsn, major);
        break;
      case 'get':
        requests.push(closeRequest(path, open, message.key, offset, nextOffset));
        open = undefined;
        break;
      case 'ping':
        throw incomplete(
          path,
          offset,
          'a ping stands among its requests, whose answer belongs to none of them',
        );
    }
  }
  if (open !== undefined)
    throw incomplete(
      path,
      open.offsetBytes,
      `the request for ${formatPageKey(open.key)} ends without asking for the page`,
    );
  if (requests.length === 0) throw incomplete(path, 0, 'it holds no request');
  return { requests, flavour: flavour ?? 'vanilla' };
}

interface OpenRequest {
  readonly key: PageKey;
  readonly offsetBytes: number;
  pushed: boolean;
  readonly lsns: number[];
}

function closeRequest(
  path: string,
  open: OpenRequest | undefined,
  key: PageKey,
  offset: number,
  nextOffset: number,
): Request {
  if (open === undefined)
    throw incomplete(path, offset, `${formatPageKey(key)} is asked for without a beginning`);
  return {
    key: open.key,
    origin: open.pushed ? 'base' : 'initialised',
    oracle: 'none',
    records: open.lsns.length,
    offsetBytes: open.offsetBytes,
    lengthBytes: nextOffset - open.offsetBytes,
    firstLsn: open.lsns[0] ?? 0,
    lastLsn: open.lsns.at(-1) ?? 0,
  };
}

interface PlacedMessage {
  readonly message: Message;
  readonly offset: number;
  readonly nextOffset: number;
}

/** The messages of a file one after the other; memory holds one of them. */
function* readMessages(path: string): Generator<PlacedMessage> {
  const descriptor = openRecording(path);
  try {
    const size = fstatSync(descriptor).size;
    const head = Buffer.alloc(5);
    for (let offset = 0; offset < size;) {
      const headBytes = readSync(descriptor, head, 0, head.length, offset);
      const wanted = headBytes < head.length ? headBytes : Math.min(1 + head.readUInt32BE(1), size - offset);
      const bytes = Buffer.allocUnsafe(Math.max(wanted, headBytes));
      readSync(descriptor, bytes, 0, bytes.length, offset);
      const { message, nextOffset } = messageOf(path, bytes, offset);
      yield { message, offset, nextOffset: offset + nextOffset };
      offset += nextOffset;
    }
  } finally {
    closeSync(descriptor);
  }
}

function messageOf(path: string, bytes: Buffer, offset: number): ReturnType<typeof readMessage> {
  try {
    return readMessage(bytes, 0, offset);
  } catch (error) {
    if (!(error instanceof RedoubtError)) throw error;
    const { kind, code, message, remedy, details, cause } = error;
    throw new RedoubtError(kind, code, `${path}: ${message}`, {
      ...(remedy === undefined ? {} : { remedy }),
      details,
      cause,
    });
  }
}

function openRecording(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new RedoubtError(
      'usage',
      'recording-unreadable',
      `cannot read the recording ${path}: ${String(cause)}`,
      { cause },
    );
  }
}

function incomplete(path: string, offset: number, what: string): RedoubtError {
  return new RedoubtError(
    'infrastructure',
    'recording-incomplete',
    `${path}, byte ${String(offset)}: ${what}`,
    {
      remedy: 'Name the file that holds the bytes written to one walredo process, whole.',
      details: { path, offset },
    },
  );
}
