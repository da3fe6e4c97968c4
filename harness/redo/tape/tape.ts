import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { RedoubtError } from '../../error.ts';
import { pageKindOf, type PageKind } from '../../page/kind.ts';
import { factsOfFile, type FileFacts } from './file-sink.ts';
import { forkName, type PageKey } from '../page-key.ts';
import {
  parseTapeManifest,
  tapeFiles,
  tapeInvalid,
  type TapeCounts,
  type TapeManifest,
  type TapeRelation,
} from './tape-manifest.ts';
import { parseTapeStorage, type TapeStorage } from './tape-storage.ts';
import { TapeIndex, type TapeRequest } from './tape-index.ts';
import { walredoPageSizeBytes } from '../replay/message.ts';

/** A tape on disk, opened and found whole. */
export class Tape {
  readonly directory: string;
  readonly manifest: TapeManifest;
  readonly index: TapeIndex;
  /** sha256 of the manifest, which holds the digests of all else. */
  readonly digest: string;
  readonly #relations: ReadonlyMap<string, TapeRelation>;

  private constructor(directory: string, manifest: TapeManifest, index: TapeIndex, digest: string) {
    // Processes in a root know no working directory of ours.
    this.directory = resolve(directory);
    this.manifest = manifest;
    this.index = index;
    this.digest = digest;
    this.#relations = new Map(manifest.relations.map((relation) => [relationId(relation), relation]));
  }

  /**
   * Opens a tape and checks every file's size and digest.
   * @throws RedoubtError `tape-missing` (usage), `tape-invalid` or `tape-newer` (infrastructure) naming the file.
   */
  static open(directory: string): Tape {
    const text = readManifest(directory);
    const manifest = parseTapeManifest(text, join(directory, tapeFiles.manifest));
    for (const name of ['requests', 'index', 'oracle'] as const) {
      verifyFile(join(directory, tapeFiles[name]), manifest.files[name]);
    }
    const { storage } = manifest.files;
    if (storage !== undefined) verifyFile(join(directory, tapeFiles.storage), storage);
    const index = new TapeIndex(
      readFileSync(join(directory, tapeFiles.index)),
      manifest.files.requests.bytes,
    );
    if (
      !agrees(index, manifest.counts) ||
      manifest.files.oracle.bytes !== index.length * walredoPageSizeBytes
    ) {
      throw tapeInvalid(directory, 'its manifest, index and oracle disagree on what it holds');
    }
    return new Tape(directory, manifest, index, createHash('sha256').update(text).digest('hex'));
  }

  get requestsPath(): string {
    return join(this.directory, tapeFiles.requests);
  }

  get oraclePath(): string {
    return join(this.directory, tapeFiles.oracle);
  }

  /** The exact bytes of one request. */
  readRequest(request: TapeRequest): Buffer {
    return readRange(this.requestsPath, request.offsetBytes, request.lengthBytes);
  }

  /** What the page must be after the request, 8192 bytes. */
  readOraclePage(request: TapeRequest): Buffer {
    return readRange(this.oraclePath, request.number * walredoPageSizeBytes, walredoPageSizeBytes);
  }

  /** What a pageserver knows of the cluster besides its pages; undefined when the tape does not say. */
  readStorage(): TapeStorage | undefined {
    if (this.manifest.files.storage === undefined) return undefined;
    const path = join(this.directory, tapeFiles.storage);
    return parseTapeStorage(readFileSync(path, 'utf8'), path);
  }

  relationOf(key: PageKey): TapeRelation | undefined {
    return this.#relations.get(relationId(key));
  }

  /** What kind of page is at `key`: by its fork and its relation's kind, else guessed from the page. */
  pageKindOf(key: PageKey, page: Buffer): PageKind {
    return pageKindOf(this.relationOf(key)?.kind, key.forkNumber, page);
  }

  /** `public.words_sv_idx main block 12`, or numbers where the relation has no name. */
  nameOf(key: PageKey): string {
    const relation = this.relationOf(key);
    const name = relation?.name ?? `${String(key.spcOid)}/${String(key.dbOid)}/${String(key.relNumber)}`;
    return `${name} ${forkName(key.forkNumber)} block ${String(key.blockNumber)}`;
  }
}

function relationId(key: Pick<PageKey, 'spcOid' | 'dbOid' | 'relNumber'>): string {
  return `${String(key.spcOid)}/${String(key.dbOid)}/${String(key.relNumber)}`;
}

/** Whether the counts that a report will quote are those of the index. */
function agrees(index: TapeIndex, counts: TapeCounts): boolean {
  const own = { requests: 0, records: 0, judged: 0, requestsOnPushedBase: 0, recordsOnPushedBase: 0 };
  for (const { records, oracle, origin } of index) {
    own.requests++;
    own.records += records;
    if (oracle !== 'none') own.judged++;
    if (origin === 'base') {
      own.requestsOnPushedBase++;
      own.recordsOnPushedBase += records;
    }
  }
  const notJudged = Object.values(counts.notJudged).reduce((sum, pages) => sum + pages, 0);
  return (
    own.requests === counts.requests &&
    own.records === counts.records &&
    own.judged === counts.judged &&
    own.requests - own.judged === notJudged &&
    own.requestsOnPushedBase === counts.requestsOnPushedBase &&
    own.recordsOnPushedBase === counts.recordsOnPushedBase
  );
}

function readManifest(directory: string): string {
  try {
    return readFileSync(join(directory, tapeFiles.manifest), 'utf8');
  } catch (cause) {
    throw new RedoubtError(
      'usage',
      'tape-missing',
      `no tape at ${directory}: ${existsSync(directory) ? `it has no ${tapeFiles.manifest}` : 'there is nothing of that name'}`,
      {
        remedy: 'Name a directory that `redoubt capture` made.',
        cause,
      },
    );
  }
}

function verifyFile(path: string, facts: FileFacts): void {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size;
  if (bytes === undefined) throw tapeInvalid(path, 'the file is missing');
  if (bytes !== facts.bytes) {
    throw tapeInvalid(path, `it has ${String(bytes)} bytes instead of ${String(facts.bytes)}`);
  }
  if (factsOfFile(path).sha256 !== facts.sha256)
    throw tapeInvalid(path, 'its sha256 differs from the manifest');
}

function readRange(path: string, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  const descriptor = openSync(path, 'r');
  try {
    if (readSync(descriptor, bytes, 0, length, offset) !== length)
      throw tapeInvalid(path, `it ends before byte ${String(offset + length)}`);
  } finally {
    closeSync(descriptor);
  }
  return bytes;
}
