import { join } from 'node:path';

import { RedoubtError } from '../../error.ts';
import { FileSink } from './file-sink.ts';
import type { Lineage } from '../lineage/lineage.ts';
import { messageBytes, messageWriter, walredoPageSizeBytes } from '../replay/message.ts';
import { forkName, formatPageKey, isJudgedFork, type PageKey } from '../page-key.ts';
import { PageSet } from '../page-set.ts';
import type { PageSource } from '../page-source.ts';
import { tapeFiles, type TapeCounts, type TapeManifest } from './tape-manifest.ts';
import { indexEntryBytes, writeIndexEntry, type RequestOracle, type TapeRequest } from './tape-index.ts';

/** Writes requests, index and oracle side by side and counts what it writes. */
export class TapeWriter {
  readonly requested = new PageSet();
  readonly #requests: FileSink;
  readonly #index: FileSink;
  readonly #oracleSink: FileSink;
  readonly #oracle: PageSource;
  readonly #notJudged = new Map<string, number>();
  #counts = { requests: 0, records: 0, requestsOnPushedBase: 0, recordsOnPushedBase: 0, judged: 0 };
  #closed = false;

  constructor(directory: string, oracle: PageSource) {
    this.#oracle = oracle;
    this.#requests = new FileSink(join(directory, tapeFiles.requests));
    this.#index = new FileSink(join(directory, tapeFiles.index));
    this.#oracleSink = new FileSink(join(directory, tapeFiles.oracle));
  }

  get counts(): Omit<TapeCounts, 'recordsOfRemovedPages' | 'untouchedPages'> {
    const notJudged = Object.fromEntries(
      [...this.#notJudged].toSorted(([left], [right]) => (left < right ? -1 : 1)),
    );
    return { ...this.#counts, notJudged };
  }

  /** Writes a request and the page that it must give: recovery's where recovery judges the fork, none otherwise. */
  write(lineage: Lineage, bytes: Buffer): void {
    const page = this.#oracle.readPage(lineage.key);
    const judged = isJudgedFork(lineage.key.forkNumber);
    if (judged && page === undefined) throw withoutOracle(lineage.key);
    this.writeJudged(
      lineage,
      bytes,
      judged ? 'recovery' : 'none',
      page ?? Buffer.alloc(walredoPageSizeBytes),
    );
  }

  /** The same with a page that the caller knows. */
  writeJudged(lineage: Lineage, bytes: Buffer, oracle: RequestOracle, page: Buffer): void {
    const { key, records } = lineage;
    const request: Omit<TapeRequest, 'number'> = {
      key,
      origin: lineage.origin,
      oracle,
      records: records.length,
      offsetBytes: this.#requests.bytes,
      lengthBytes: requestBytes(lineage),
      firstLsn: records[0]?.endLsn ?? 0,
      lastLsn: records.at(-1)?.endLsn ?? 0,
    };
    this.#writeMessages(lineage, bytes);
    this.#index.reserve(indexEntryBytes, (target, offset) => {
      writeIndexEntry(target, offset, request);
    });
    this.#oracleSink.append(page);
    this.requested.add(key);
    this.#count(request);
  }

  #writeMessages({ key, base, records }: Lineage, bytes: Buffer): void {
    this.#requests.reserve(messageBytes.begin, (target, offset) => messageWriter.begin(target, offset, key));
    if (base !== undefined) {
      this.#requests.reserve(messageBytes.push, (target, offset) =>
        messageWriter.push(target, offset, key, base),
      );
    }
    for (const { endLsn, recordOffset, recordBytes } of records) {
      this.#requests.reserve(messageBytes.apply(recordBytes), (target, offset) =>
        messageWriter.apply(target, offset, endLsn, bytes, recordOffset, recordOffset + recordBytes),
      );
    }
    this.#requests.reserve(messageBytes.get, (target, offset) => messageWriter.get(target, offset, key));
  }

  #count(request: Omit<TapeRequest, 'number'>): void {
    const onBase = request.origin === 'base';
    this.#counts = {
      requests: this.#counts.requests + 1,
      records: this.#counts.records + request.records,
      requestsOnPushedBase: this.#counts.requestsOnPushedBase + (onBase ? 1 : 0),
      recordsOnPushedBase: this.#counts.recordsOnPushedBase + (onBase ? request.records : 0),
      judged: this.#counts.judged + (request.oracle === 'none' ? 0 : 1),
    };
    if (request.oracle === 'none') {
      const fork = forkName(request.key.forkNumber);
      this.#notJudged.set(fork, (this.#notJudged.get(fork) ?? 0) + 1);
    }
  }

  close(): TapeManifest['files'] {
    this.#closed = true;
    return { requests: this.#requests.close(), index: this.#index.close(), oracle: this.#oracleSink.close() };
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    for (const sink of [this.#requests, this.#index, this.#oracleSink]) sink.abandon();
  }
}

function requestBytes({ base, records }: Lineage): number {
  let bytes = messageBytes.begin + messageBytes.get + (base === undefined ? 0 : messageBytes.push);
  for (const { recordBytes } of records) bytes += messageBytes.apply(recordBytes);
  return bytes;
}

function withoutOracle(key: PageKey): RedoubtError {
  return new RedoubtError(
    'infrastructure',
    'oracle-unexplained',
    `${formatPageKey(key)}: the WAL makes this page, but recovery has none`,
    {
      remedy:
        'Base, WAL and oracle do not belong together, or Redoubt misread the WAL: keep the capture and report it.',
    },
  );
}
