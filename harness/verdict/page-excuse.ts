import { withChecksum } from '../page/checksum.ts';
import { diffPages } from '../page/diff.ts';
import { maskPage } from '../page/mask.ts';
import { readRequestRecords } from '../redo/request/request-records.ts';
import type { Tape } from '../redo/tape/tape.ts';
import type { TapeRequest } from '../redo/tape/tape-index.ts';
import { namedClassOf, type NamedClass } from './named-class.ts';

/**
 * Why two pages whose raw bytes differ are no finding: they are equal under PostgreSQL's own mask, or once the answer has
 * the checksum that walredo leaves to whoever writes the page, or they differ in a way that has a name.
 */
export type Excuse =
  | { readonly kind: 'masked' }
  | { readonly kind: 'checksummed' }
  | { readonly kind: 'named'; readonly class: NamedClass };

/** What a page is compared under. */
export interface Excusing {
  /** The tape's own oracle: only there masks and checksums apply. */
  readonly byTape: boolean;
  /** The standard is of another minor than the answers. */
  readonly isSkewed: boolean;
}

const lsnBytes = 8;
const checksumOffset = 8;
const checksumBytes = 2;

/** The excuse of two pages that differ, undefined when there is none. */
export function excuseOf(
  tape: Tape,
  request: TapeRequest,
  expected: Buffer,
  actual: Buffer,
  { byTape, isSkewed }: Excusing,
): Excuse | undefined {
  if (byTape && request.oracle === 'consistency') {
    const mask = maskOf(tape, request);
    return mask(expected).equals(mask(actual)) ? { kind: 'masked' } : undefined;
  }
  if (byTape && tape.manifest.checksums) return excuseByChecksum(tape, request, expected, actual);
  return isSkewed ? namedExcuse(tape, request, expected, actual) : undefined;
}

/**
 * What hides of a page what its comparison does not look at: for the after-image of one record the mask of that record's
 * resource manager, as `wal_consistency_checking` compares pages; nothing for all others.
 */
export function maskOf(tape: Tape, request: TapeRequest): (page: Buffer) => Buffer {
  if (request.oracle !== 'consistency') return (page) => page;
  const rmgrId = readRequestRecords(tape.readRequest(request)).records.at(-1)?.bytes.readUInt8(17) ?? 0;
  return (page) => maskPage(page, rmgrId, request.key.blockNumber);
}

/**
 * The cluster has checksums: the answer's is computed, and then every byte must be right. Where wal_log_hints or checksums
 * made recovery move a page's LSN that redo of the record alone leaves, the answer must be right with that LSN.
 */
function excuseByChecksum(
  tape: Tape,
  request: TapeRequest,
  expected: Buffer,
  actual: Buffer,
): Excuse | undefined {
  const { blockNumber } = request.key;
  if (withChecksum(actual, blockNumber).equals(expected)) return { kind: 'checksummed' };
  const moved = Buffer.from(actual);
  expected.copy(moved, 0, 0, lsnBytes);
  if (!withChecksum(moved, blockNumber).equals(expected)) return undefined;
  const comparable = Buffer.from(actual);
  expected.copy(comparable, checksumOffset, checksumOffset, checksumOffset + checksumBytes);
  return namedExcuse(tape, request, expected, comparable);
}

function namedExcuse(tape: Tape, request: TapeRequest, expected: Buffer, actual: Buffer): Excuse | undefined {
  const kind = tape.pageKindOf(request.key, expected);
  const name = namedClassOf(kind, diffPages(expected, actual, kind));
  return name === undefined ? undefined : { kind: 'named', class: name };
}
