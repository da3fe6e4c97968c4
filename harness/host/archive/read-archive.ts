import type { Hash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';

import { extract } from 'tar-stream';

import { RedoubtError } from '../../error.ts';
import { interrupted, interruption } from '../interruption.ts';
import { systemError } from '../system-error.ts';
import type { ArchiveHeader, ArchiveLimits } from './archive-tree.ts';
import { TarMeter } from './tar-meter.ts';
import { notATarball, tarSource } from './tar-source.ts';

/** A header, a long name and its padding; what is beyond is filler. */
const mostHeaderBytes = 8192;

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
 * Reads a whole tarball, entry by entry. Throws what `visit` and `finish` throw; `not-a-tarball` and `archive-too-large`
 * (usage) for one that is damaged, cut or longer than its limits allow; `infrastructure` when the machine fails.
 */
export async function readArchive(reading: ArchiveReading): Promise<void> {
  const { path, destination, limits } = reading;
  const [source, ...stages] = await tarSource(path);
  const meter = new TarMeter(limits.totalBytes + limits.entries * mostHeaderBytes, reading.digest);
  const entries = extract();
  const abort = new AbortController();
  const piping = pipeline([source, ...stages, meter, entries as unknown as NodeJS.WritableStream], {
    signal: AbortSignal.any([abort.signal, interruption]),
  });
  // Awaited below; a failure here ends the loop too.
  piping.catch(() => {});
  try {
    for await (const entry of entries) {
      const { name, type, mode, size, linkname } = entry.header;
      await reading.visit(
        { name, type, mode, sizeBytes: size, linkName: linkname },
        entry as AsyncIterable<Buffer>,
      );
      entry.resume();
    }
    await piping;
    if (!meter.isComplete) throw notATarball(path, 'it ends in the middle');
    await reading.finish();
  } catch (error) {
    abort.abort();
    const streamError = await piping.then(
      () => undefined,
      (cause: unknown) => cause,
    );
    throw interruption.aborted ? interrupted() : explain(path, destination, firstCause(error, streamError));
  }
}

function explain(path: string, destination: string, error: unknown): RedoubtError {
  if (error instanceof RedoubtError) return error;
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  // What the machine refuses is about a file; the rest are the words of tar, gzip, zstd or xz about their input.
  if (syscall !== undefined) return systemError(`cannot unpack ${path} into ${destination}`, error);
  const words = error instanceof Error ? error.message : String(error);
  const isCut = /unexpected end|premature|Z_BUF_ERROR/i.test(`${words} ${code}`);
  return notATarball(path, isCut ? `it ends in the middle (${words})` : words, error);
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
