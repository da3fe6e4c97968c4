import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { assembleDataDirectory, type Assembly } from '../assembly/assemble.ts';
import { copyTree } from '../compute/copy-tree.ts';
import { RedoubtError } from '../error.ts';
import type { Host } from '../host/engine.ts';
import { requireFreeSpace } from '../host/machine/free-space.ts';
import { type DataDirectoryReadback, readBackDataDirectory } from '../readback/data-directory-readback.ts';
import { Answers } from '../redo/tape/answers.ts';
import { walredoPageSizeBytes } from '../redo/replay/message.ts';
import type { AnswerRun } from '../redo/replay/replay.ts';
import type { Tape } from '../redo/tape/tape.ts';
import type { TapeStorage } from '../redo/tape/tape-storage.ts';

export interface WalredoReadbackOptions {
  /** The compute image. */
  readonly compute: Host;
  readonly major: number;
  /** Of the bundle's initdb, at rest. */
  readonly initdbDirectory: string;
  readonly tape: Tape;
  /** Walredo's answers to the tape, all of them. */
  readonly runs: readonly AnswerRun[];
  /** Must not exist; the data directories are made in it. */
  readonly directory: string;
}

/** What a compute image made of a data directory out of walredo's pages. */
export interface WalredoReadback {
  readonly assembly: Assembly;
  readonly read: DataDirectoryReadback;
  /** The data directory as the server left it, kept where something was found. */
  readonly keptDirectory: string | undefined;
}

/** What initdb makes, and the server's first WAL. */
const overheadBytes = 96 * 2 ** 20;

/**
 * Puts a data directory together out of walredo's answers and lets a compute image read it back. Where it finds something
 * the same is done with recovery's pages in the answers' place: what is found there, too, is no fault of the bundle's.
 * @throws RedoubtError (infrastructure) `readback-unsound` when it is, or what assembling and reading throw.
 */
export async function readBackWalredo(options: WalredoReadbackOptions): Promise<WalredoReadback> {
  const { tape, runs, directory } = options;
  const bytes = overheadBytes + tape.index.length * walredoPageSizeBytes;
  await requireFreeSpace(dirname(directory), bytes, "a data directory of walredo's pages");
  const { assembly, read } = await assembleAndRead(options, runs, `${directory}-walredo`);
  if (read.findings.length === 0) {
    await removeWithLog(`${directory}-walredo`);
    return { assembly, read, keptDirectory: undefined };
  }
  const recovered = [{ firstRequest: 0, pages: tape.index.length, path: tape.oraclePath }];
  const control = await assembleAndRead(options, recovered, `${directory}-recovery`);
  await removeWithLog(`${directory}-recovery`);
  const [first] = control.read.findings;
  if (first === undefined) return { assembly, read, keptDirectory: `${directory}-walredo` };
  await removeWithLog(`${directory}-walredo`);
  throw new RedoubtError(
    'infrastructure',
    'readback-unsound',
    `a data directory of recovery's own pages is not read back soundly either: ${first.message}`,
    {
      remedy:
        'The capture or the compute image is at fault: make the tape again, or choose another --compute.',
    },
  );
}

async function assembleAndRead(
  { compute, major, initdbDirectory, tape }: WalredoReadbackOptions,
  runs: readonly AnswerRun[],
  directory: string,
): Promise<{ readonly assembly: Assembly; readonly read: DataDirectoryReadback }> {
  using answers = new Answers(runs);
  const assembly = await assembleDataDirectory({ initdbDirectory, tape, answers, directory });
  const read = await readBackDataDirectory({
    host: compute,
    major,
    dataDirectory: directory,
    primary: contentsOf(tape),
  });
  return { assembly, read };
}

function contentsOf(tape: Tape): TapeStorage['contents'] {
  const storage = tape.readStorage();
  if (storage !== undefined) return storage.contents;
  throw new RedoubtError('infrastructure', 'tape-without-storage', `${tape.directory} tells pages alone`);
}

async function removeWithLog(directory: string): Promise<void> {
  for (const path of [directory, `${directory}.log`]) await rm(path, { recursive: true, force: true });
}

/** Puts a data directory, with its server's log, where it stays; across file systems, too. */
export async function keepDirectory(directory: string, kept: string): Promise<void> {
  for (const suffix of ['', '.log']) {
    try {
      await rename(directory + suffix, kept + suffix);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
      await copyTree(directory + suffix, kept + suffix);
      await rm(directory + suffix, { recursive: true });
    }
  }
}

/** SHA-256 of all answers, in order. */
export async function answersDigest(runs: readonly AnswerRun[]): Promise<string> {
  const hash = createHash('sha256');
  for (const { path, firstRequest, pages } of runs) {
    hash.update(`${String(firstRequest)} ${String(pages)} `);
    await pipeline(createReadStream(path), async (chunks) => {
      for await (const chunk of chunks) hash.update(chunk as Buffer);
    });
  }
  return hash.digest('hex');
}
