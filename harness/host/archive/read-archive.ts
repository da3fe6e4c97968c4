import type { Hash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

import { ExecaError } from 'execa';
import { extract, type Header } from 'tar-stream';

import { RedoubtError } from '../../error.ts';
import { interrupted, interruption } from '../interruption.ts';
import { systemError } from '../system-error.ts';
import type { ArchiveHeader, ArchiveLimits } from './archive-tree.ts';
import { notATarball } from './not-a-tarball.ts';
import type { TarFrame } from './tar-frame.ts';
import { TarMeter, type TarLimit } from './tar-meter.ts';
import { tarSource } from './tar-source.ts';

/** A header, a long name and its padding; what is beyond is filler. */
const mostHeaderBytes = 8192;

/** Honest bundles and roots are compressed four to ten times. */
const mostExpansion = 250;
const leastExpandedBytes = 64 * 2 ** 20;

/** How to read an archive. */
export interface ArchiveReading {
  /** The tarball. */
  readonly path: string;
  /** The folder into which it is unpacked, for errors. */
  readonly destination: string;
  readonly limits: ArchiveLimits;
  /** Called for each entry in order; what of its content is not read is passed over. */
  readonly visit: (header: ArchiveHeader, content: AsyncIterable<Buffer>) => Promise<void>;
  /** Called after the last entry. */
  readonly finish: () => Promise<void>;
  /** Takes in every byte of the plain tar. */
  readonly digest?: Hash;
}

/**
 * Reads a whole tarball, entry by entry. Throws what `visit` and `finish` throw; `not-a-tarball` and `archive-...` (usage)
 * for one that is damaged, cut, longer than its limits allow or not what others would read in it; `infrastructure` when
 * the machine fails.
 */
export async function readArchive(reading: ArchiveReading): Promise<void> {
  const { path } = reading;
  const { size } = await stat(path);
  const source = await tarSource(path);
  const [first, ...stages] = source.streams;
  const meter = new TarMeter({
    archive: path,
    limit: limitOf(reading.limits, size),
    faultOfSource: source.faultOfRest,
    ...(reading.digest && { digest: reading.digest }),
  });
  const entries = extract();
  const abort = new AbortController();
  const piping = pipeline([first, ...stages, meter, entries as unknown as NodeJS.WritableStream], {
    signal: AbortSignal.any([abort.signal, interruption]),
  });
  // Awaited below; a failure here ends the loop too.
  piping.catch(() => {});
  try {
    for await (const entry of entries) {
      await reading.visit(headerOf(entry.header), entry as AsyncIterable<Buffer>);
      entry.resume();
    }
    await piping;
    await reading.finish();
  } catch (error) {
    abort.abort();
    const streamError = await piping.then(
      () => undefined,
      (cause: unknown) => cause,
    );
    if (interruption.aborted) throw interrupted();
    const cause = firstCause(error, streamError);
    if (cause instanceof RedoubtError) throw cause;
    const rest = meter.frame.hasEnded ? source.faultOfRest() : undefined;
    throw rest ?? explain(reading, meter.frame, cause);
  }
}

/** What is compressed better than anything honest is a bomb, long before it fills what an archive may take. */
function limitOf({ entries, totalBytes }: ArchiveLimits, fileBytes: number): TarLimit {
  const bytes = totalBytes + entries * mostHeaderBytes;
  const expanded = Math.max(leastExpandedBytes, fileBytes * mostExpansion);
  return expanded < bytes
    ? { bytes: expanded, words: `${String(mostExpansion)} times the compressed file` }
    : { bytes, words: `the ${String(bytes)} bytes that are allowed` };
}

function headerOf({ name, type, mode, size, linkname, pax }: Header): ArchiveHeader {
  return { name, type, mode, sizeBytes: size, linkName: linkname, attributes: Object.keys(pax ?? {}) };
}

function explain({ path, destination }: ArchiveReading, frame: TarFrame, error: unknown): RedoubtError {
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  // What the machine refuses is about a file; the rest are the words of tar, gzip, zstd or xz about their input.
  if (syscall !== undefined) return systemError(`cannot unpack ${path} into ${destination}`, error);
  const words = wordsOf(error);
  const isCut = /unexpected end|premature|Z_BUF_ERROR/i.test(`${words} ${code}`);
  return notATarball(path, `${isCut ? `it ends in the middle (${words})` : words}, ${frame.place}`, error);
}

function wordsOf(error: unknown): string {
  if (error instanceof ExecaError) {
    // As in "xz: archive.tar.xz: Compressed data is corrupt".
    const said =
      Buffer.from(error.stderr ?? '')
        .toString('utf8')
        .trim()
        .split('\n')[0] ?? '';
    return said.slice(said.lastIndexOf(': ') + 1).trim();
  }
  return error instanceof Error ? error.message : String(error);
}

/**
 * Of the two errors, the one that came first: the other is what a stream says when it is torn down. What this module or
 * the file system threw came first for sure.
 */
function firstCause(loopError: unknown, streamError: unknown): unknown {
  if (isOwn(loopError)) return loopError;
  if (isOwn(streamError)) return streamError;
  const isTornDown =
    streamError === undefined ||
    ['ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE'].includes((streamError as NodeJS.ErrnoException).code ?? '');
  return isTornDown ? loopError : streamError;
}

function isOwn(error: unknown): boolean {
  return error instanceof RedoubtError || (error as NodeJS.ErrnoException | undefined)?.syscall !== undefined;
}
