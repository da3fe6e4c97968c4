import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { decodeRecord } from '../../wal/decode.ts';
import { recordKind, rmgrName } from '../../wal/names.ts';
import { rawRecordFromBytes } from '../../wal/raw-record.ts';
import { FileSink } from './file-sink.ts';
import { walredoPageSizeBytes } from '../replay/message.ts';
import { forkName } from '../page-key.ts';
import { readRequestRecords } from '../request/request-records.ts';
import type { Tape } from './tape.ts';
import { indexEntryBytes, writeIndexEntry, type TapeRequest } from './tape-index.ts';
import { tapeFiles, tapeSchemaVersion, type TapeCounts, type TapeManifest } from './tape-manifest.ts';
import { writeFailed } from './write-all.ts';

/**
 * Makes a tape of some requests of another in `directory`, which must not exist: the same bytes, pages and names, fit to
 * be kept or sent.
 * @throws RedoubtError `write-failed`, or what reading a damaged tape throws.
 */
export function extractTape(tape: Tape, requests: readonly TapeRequest[], directory: string): TapeManifest {
  try {
    mkdirSync(directory);
  } catch (error) {
    throw writeFailed(directory, error);
  }
  const sinks = {
    requests: new FileSink(join(directory, tapeFiles.requests)),
    index: new FileSink(join(directory, tapeFiles.index)),
    oracle: new FileSink(join(directory, tapeFiles.oracle)),
  };
  for (const request of requests) {
    const { bytes } = sinks.requests;
    sinks.requests.append(tape.readRequest(request));
    sinks.oracle.append(tape.readOraclePage(request));
    sinks.index.reserve(indexEntryBytes, (target, offset) => {
      writeIndexEntry(target, offset, { ...request, offsetBytes: bytes });
    });
  }
  // The kinds that were counted are those of the whole WAL.
  const { kinds: _, ...origin } = tape.manifest;
  const relations = new Set(requests.map(({ key }) => tape.relationOf(key)));
  const manifest: TapeManifest = {
    ...origin,
    // Without a storage: the state of a cluster is that of all its pages.
    schemaVersion: tapeSchemaVersion,
    relations: tape.manifest.relations.filter((relation) => relations.has(relation)),
    counts: countsOf(requests),
    files: { requests: sinks.requests.close(), index: sinks.index.close(), oracle: sinks.oracle.close() },
  };
  const path = join(directory, tapeFiles.manifest);
  try {
    writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
  } catch (error) {
    throw writeFailed(path, error);
  }
  return manifest;
}

function countsOf(requests: readonly TapeRequest[]): TapeCounts {
  const onBase = requests.filter(({ origin }) => origin === 'base');
  const notJudged: Record<string, number> = {};
  for (const { key, oracle } of requests) {
    if (oracle === 'none')
      notJudged[forkName(key.forkNumber)] = (notJudged[forkName(key.forkNumber)] ?? 0) + 1;
  }
  return {
    requests: requests.length,
    records: sumRecords(requests),
    requestsOnPushedBase: onBase.length,
    recordsOnPushedBase: sumRecords(onBase),
    judged: requests.filter(({ oracle }) => oracle !== 'none').length,
    notJudged,
    recordsOfRemovedPages: 0,
    untouchedPages: 0,
  };
}

function sumRecords(requests: readonly TapeRequest[]): number {
  return requests.reduce((sum, { records }) => sum + records, 0);
}

/**
 * Chooses judged requests that together apply as many kinds of records as fit into `mostBytes` (requests and oracle
 * pages), the cheapest for each kind first; in the order of the tape.
 */
export function coveringRequests(tape: Tape, mostBytes: number): readonly TapeRequest[] {
  const open = [...tape.index]
    .filter(({ oracle }) => oracle !== 'none')
    .map((request) => ({ request, bytes: costOf(request), kinds: kindsOf(tape, request) }))
    .toSorted((left, right) => left.bytes - right.bytes);
  const covered = new Set<string>();
  const chosen: TapeRequest[] = [];
  let bytes = 0;
  for (const { request, bytes: own, kinds } of open) {
    if (bytes + own > mostBytes) break;
    if (kinds.every((kind) => covered.has(kind))) continue;
    for (const kind of kinds) covered.add(kind);
    chosen.push(request);
    bytes += own;
  }
  return chosen.toSorted((left, right) => left.number - right.number);
}

function costOf({ lengthBytes }: TapeRequest): number {
  return lengthBytes + walredoPageSizeBytes + indexEntryBytes;
}

/** `main Heap/INSERT`: the kinds of records that a request applies, and to which fork. */
function kindsOf(tape: Tape, request: TapeRequest): readonly string[] {
  const { major } = tape.manifest;
  const kinds = readRequestRecords(tape.readRequest(request)).records.map(({ bytes, endLsn }) => {
    const { rmgrId, info } = decodeRecord(rawRecordFromBytes(bytes, endLsn), major);
    return `${forkName(request.key.forkNumber)} ${rmgrName(rmgrId, major)}/${recordKind(rmgrId, info, major)}`;
  });
  return [...new Set(kinds)];
}
