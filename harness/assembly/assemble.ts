import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { controlFileAtRest } from '../compute/control-file-at-rest.ts';
import { copyTree } from '../compute/copy-tree.ts';
import { DataDirectoryPages } from '../compute/data-directory.ts';
import { readDataDirectoryState } from '../compute/data-directory-state.ts';
import { removeWal } from '../compute/recovery-oracle.ts';
import { RelationPaths } from '../compute/relation-path.ts';
import { statusPlace } from '../compute/status-pages.ts';
import { RedoubtError } from '../error.ts';
import type { Answers } from '../redo/tape/answers.ts';
import { initFork, mainFork } from '../redo/page-key.ts';
import type { Tape } from '../redo/tape/tape.ts';
import type { TapeStorage } from '../redo/tape/tape-storage.ts';
import { DirectoryWriter } from './directory-writer.ts';
import { firstSegment } from './first-segment.ts';
import { ForkPages } from './fork-pages.ts';
import { relationPagesDigest } from './relation-pages-digest.ts';

/** Of what to put a data directory together, and where. */
export interface AssemblyOptions {
  /** At rest, as the bundle's initdb left it; it is copied, not changed. */
  readonly initdbDirectory: string;
  readonly tape: Tape;
  /** To the tape's requests. */
  readonly answers: Answers;
  /** Must not exist. */
  readonly directory: string;
}

/** Where the pages of a data directory came from. */
export interface Assembly {
  readonly walredoPages: number;
  readonly initdbPages: number;
}

const pageBytes = 8192;
const pagesPerSegment = 131_072;
const segmentBytes = pagesPerSegment * pageBytes;

/**
 * Puts together the data directory that a pageserver would hand to a compute node (neon: pageserver/src/basebackup.rs, with
 * pages): initdb's, with the pages that walredo made and what a pageserver knows of the rest. Nothing of the primary's files
 * is in it. A server opens it as one that was shut down cleanly.
 * @throws RedoubtError (infrastructure) `tape-without-storage`, `assembly-other-base` when initdb made other pages than those
 * on which the WAL was written, `answer-missing`, or what writing throws.
 */
export async function assembleDataDirectory(options: AssemblyOptions): Promise<Assembly> {
  const { initdbDirectory, tape, directory } = options;
  const storage = requireStorage(tape);
  using base = new DataDirectoryPages(initdbDirectory);
  if (relationPagesDigest(base) !== storage.baseDigest) throw otherBase(initdbDirectory);
  await copyTree(initdbDirectory, directory);
  await removeWal(directory);
  const { major, control } = await readDataDirectoryState(directory);
  const paths = new RelationPaths(major, control.catalogVersion);
  const writer = new DirectoryWriter(directory);

  makeFolders(storage, base, paths, writer, readFileSync(join(directory, 'PG_VERSION')));
  const assembly = writeForks(
    storage,
    base,
    new ForkPages(tape, options.answers, storage, base),
    paths,
    writer,
  );
  copyInitForks(storage, paths, directory, writer);
  writeStatuses(storage, writer);
  for (const { spcOid, dbOid, bytes } of storage.relationMaps)
    writer.file(join(paths.database(spcOid, dbOid), 'pg_filenode.map'), bytes);

  const { fileName, bytes, checkpointLsn, checkpoint } = firstSegment({
    major,
    timeline: tape.manifest.timeline,
    segmentSizeBytes: control.walSegmentSizeBytes,
    systemIdentifier: control.systemIdentifier,
    afterLsn: tape.manifest.endLsn,
    checkpoint: storage.checkpoint,
  });
  const whole = { keptBytes: 0, lengthBytes: control.walSegmentSizeBytes };
  writer.patch(join('pg_wal', fileName), whole, [{ offsetBytes: 0, bytes }]);
  const controlPath = join(directory, 'global', 'pg_control');
  writer.file(
    'global/pg_control',
    controlFileAtRest(readFileSync(controlPath), checkpointLsn, checkpoint, controlPath),
  );
  return assembly;
}

function makeFolders(
  { databases, tablespaces }: TapeStorage,
  base: DataDirectoryPages,
  paths: RelationPaths,
  writer: DirectoryWriter,
  version: Buffer,
): void {
  const wanted = new Set(databases.map(([spcOid, dbOid]) => paths.database(spcOid, dbOid)));
  const known = new Set(base.databases().map(([spcOid, dbOid]) => paths.database(spcOid, dbOid)));
  for (const spcOid of tablespaces) writer.folder(paths.tablespace(spcOid));
  for (const path of known) if (!wanted.has(path)) writer.remove(path);
  for (const path of wanted) {
    if (known.has(path)) continue;
    writer.folder(path);
    writer.file(join(path, 'PG_VERSION'), version);
  }
}

function writeForks(
  { forks, databases }: TapeStorage,
  base: DataDirectoryPages,
  pages: ForkPages,
  paths: RelationPaths,
  writer: DirectoryWriter,
): Assembly {
  let [walredoPages, allPages] = [0, 0];
  const kept = new Set<string>();
  const lengths = new Map(base.forks().map((fork) => [paths.segment(fork, 0), fork.blocks]));
  const folders = new Set(['global', ...databases.map(([spcOid, dbOid]) => paths.database(spcOid, dbOid))]);
  for (const [spcOid, dbOid, relNumber, forkNumber, blocks, baseBlocks] of forks) {
    const fork = { spcOid, dbOid, relNumber, forkNumber };
    const path = paths.segment(fork, 0);
    kept.add(path);
    const changed = pages.changed(fork, blocks, baseBlocks);
    walredoPages += changed.length;
    allPages += blocks;
    if (changed.length === 0 && blocks === baseBlocks && lengths.get(path) === blocks) continue;
    // Tables of a tablespace lie in a folder of their database, which the first of them makes.
    const folder = paths.database(spcOid, dbOid);
    if (!folders.has(folder)) writer.folder(folder);
    folders.add(folder);
    for (let segment = 0; segment === 0 || segment * pagesPerSegment < blocks; segment++) {
      const first = segment * pagesPerSegment;
      const clamp = (count: number): number =>
        Math.min(segmentBytes, Math.max(0, (count - first) * pageBytes));
      writer.patch(
        paths.segment(fork, segment),
        { keptBytes: clamp(baseBlocks), lengthBytes: clamp(blocks) },
        changed
          .filter(({ block }) => block >= first && block < first + pagesPerSegment)
          .map(({ block, page }) => ({ offsetBytes: (block - first) * pageBytes, bytes: page })),
      );
    }
  }
  for (const fork of base.forks())
    if (!kept.has(paths.segment(fork, 0))) writer.remove(paths.segment(fork, 0));
  return { walredoPages, initdbPages: allPages - walredoPages };
}

function writeStatuses({ statuses }: TapeStorage, writer: DirectoryWriter): void {
  for (const [folder, pages] of Object.entries(statuses)) {
    for (const [path, own] of Map.groupBy(pages, ({ page }) => statusPlace(folder, page).path)) {
      const parts = own.map(({ page, bytes }) => ({ ...statusPlace(folder, page), bytes }));
      // Those of initdb fill one page, which lies before all others.
      const lengthBytes = Math.max(...parts.map(({ offsetBytes, bytes }) => offsetBytes + bytes.length));
      writer.patch(path, { keptBytes: lengthBytes, lengthBytes }, parts);
    }
  }
}

/** A table without WAL begins as its init fork, as after a crash. */
function copyInitForks(
  { forks }: TapeStorage,
  paths: RelationPaths,
  directory: string,
  writer: DirectoryWriter,
): void {
  for (const [spcOid, dbOid, relNumber, forkNumber] of forks) {
    if (forkNumber !== initFork) continue;
    const path = (fork: number): string => paths.segment({ spcOid, dbOid, relNumber, forkNumber: fork }, 0);
    writer.file(path(mainFork), readFileSync(join(directory, path(initFork))));
  }
}

function requireStorage(tape: Tape): TapeStorage {
  const storage = tape.readStorage();
  if (storage !== undefined) return storage;
  throw new RedoubtError(
    'infrastructure',
    'tape-without-storage',
    `the tape ${tape.directory} tells pages alone: no data directory can be made of it`,
    { remedy: 'Capture one that begins with initdb: redoubt capture --kind whole-life.' },
  );
}

function otherBase(initdbDirectory: string): RedoubtError {
  return new RedoubtError(
    'infrastructure',
    'assembly-other-base',
    `initdb made other pages in ${initdbDirectory} than when the WAL was captured: the two do not belong together`,
    { remedy: 'The suite initdb compares two runs of it.' },
  );
}
