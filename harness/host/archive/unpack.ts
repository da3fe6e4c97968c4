import { pipeline } from 'node:stream/promises';

import { extract } from 'tar-stream';

import { RedoubtError } from '../../error.ts';
import { interrupted, interruption } from '../interruption.ts';
import { systemError } from '../system-error.ts';
import { type ArchiveLimits, ArchiveTree, defaultArchiveLimits } from './archive-tree.ts';
import { TarMeter } from './tar-meter.ts';
import { notATarball, tarSource } from './tar-source.ts';
import { TreeWriter } from './tree-writer.ts';

/** A header, a long name and its padding; what is beyond is filler. */
const mostHeaderBytes = 8192;

/**
 * Unpacks a tarball into an empty folder. Refuses, naming the entry, what would write or lead outside, what is no plain
 * file, folder or link, and what asks for more than `limits`; nothing is ever written outside, but the caller removes
 * the folder when this throws. Returns the names of absolute links: only a bundle that is chrooted into may have them.
 */
export async function unpack(
  path: string,
  destination: string,
  limits: ArchiveLimits = defaultArchiveLimits,
): Promise<readonly string[]> {
  const [source, ...stages] = await tarSource(path);
  const tree = new ArchiveTree(limits);
  const writer = new TreeWriter(destination);
  const meter = new TarMeter(limits.totalBytes + limits.entries * mostHeaderBytes);
  const entries = extract();
  const abort = new AbortController();
  const reading = pipeline([source, ...stages, meter, entries as unknown as NodeJS.WritableStream], {
    signal: AbortSignal.any([abort.signal, interruption]),
  });
  // Awaited below; a failure here ends the loop too.
  reading.catch(() => {});
  try {
    for await (const entry of entries) {
      const { name, type, mode, size, linkname } = entry.header;
      const accepted = tree.accept({ name, type, mode, sizeBytes: size, linkName: linkname });
      if (accepted !== undefined) await writer.write(accepted, entry as AsyncIterable<Buffer>);
      entry.resume();
    }
    await reading;
    if (!meter.isComplete) throw notATarball(path, 'it ends in the middle');
    tree.checkLinks();
    await writer.finish();
  } catch (error) {
    abort.abort();
    const streamError = await reading.then(
      () => undefined,
      (cause: unknown) => cause,
    );
    throw interruption.aborted ? interrupted() : explain(path, destination, firstCause(error, streamError));
  }
  return tree.absoluteLinks;
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
