import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Capture } from '../../compute/capture.ts';
import { DataDirectoryPages } from '../../compute/data-directory.ts';
import { RelationPaths } from '../../compute/relation-path.ts';
import { readStatusPage } from '../../compute/status-pages.ts';
import type { DatabaseContents } from '../../compute/table-contents.ts';
import { RedoubtError } from '../../error.ts';
import { initFork, isJudgedFork } from '../../redo/page-key.ts';
import { StorageModel, type StorageEnd } from '../../redo/pageserver/storage-model.ts';
import type { TapeStorage } from '../../redo/tape/tape-storage.ts';
import { walDirectory } from '../../redo/lineage/wal-directory.ts';
import type { WalStretch } from '../../redo/lineage/wal-split.ts';
import { checkpointOffset } from '../../wal/checkpoint.ts';
import { RecordReader } from '../../wal/record-reader.ts';
import { relationPagesDigest } from '../../assembly/relation-pages-digest.ts';

const globalTablespaceOid = 1664;

/**
 * What a pageserver would know of the cluster at the end of a capture, besides its pages, by the WAL alone. It is held
 * against what recovery made of the same WAL.
 * @throws RedoubtError `oracle-unexplained` when they differ, `storage-unsupported`, or what reading the WAL throws.
 */
export function storageOfCapture(capture: Capture, wal: WalStretch, contents: DatabaseContents): TapeStorage {
  const { baseDirectory, major } = capture;
  using base = new DataDirectoryPages(baseDirectory);
  const status = (folder: string) => (page: number) => readStatusPage(baseDirectory, folder, page);
  const model = new StorageModel(
    {
      forks: base.forks(),
      databases: base.databases(),
      tablespaces: [],
      transactions: status('pg_xact'),
      multiXactOffsets: status('pg_multixact/offsets'),
      multiXactMembers: status('pg_multixact/members'),
    },
    major,
  );
  const source = walDirectory(capture.walDirectory, wal.timeline, wal.segmentSizeBytes);
  model.consume(new RecordReader({ ...wal, source }));
  const end = model.end();
  verify(end, capture.oracleDirectory);
  return { ...end, baseDigest: relationPagesDigest(base), contents };
}

/** Recovery must have come to the same, by a way of its own. */
function verify(end: StorageEnd, oracleDirectory: string): void {
  using oracle = new DataDirectoryPages(oracleDirectory);
  verifySizes(end, oracle);
  for (const [folder, pages] of Object.entries(end.statuses)) {
    for (const { page, bytes } of pages) {
      const recovered = readStatusPage(oracleDirectory, folder, page);
      const comparable = (each: Buffer): Buffer =>
        folder === 'pg_multixact/offsets' ? withoutNext(end, page, each) : each;
      if (recovered === undefined || !comparable(bytes).equals(comparable(recovered)))
        throw unexplained(`page ${String(page)} of ${folder}`);
    }
  }
  const paths = new RelationPaths(0, 0);
  for (const { spcOid, dbOid, bytes } of end.relationMaps) {
    const isElsewhere = spcOid > globalTablespaceOid;
    if (isElsewhere) continue;
    const path = join(oracleDirectory, paths.database(spcOid, dbOid), 'pg_filenode.map');
    if (!readFileSync(path).subarray(0, bytes.length).equals(bytes))
      throw unexplained(`the relation map of database ${String(dbOid)}`);
  }
}

/** Main and init forks; recovery also makes tables without WAL out of their init forks, which no record tells. */
function verifySizes(end: StorageEnd, oracle: DataDirectoryPages): void {
  const inits = new Set(end.forks.filter(([, , , fork]) => fork === initFork).map((fork) => idOf(fork)));
  const own = end.forks.filter(([, , , fork]) => isJudgedFork(fork));
  const recovered = oracle
    .forks()
    .filter(({ forkNumber }) => isJudgedFork(forkNumber))
    .map((fork) => [fork.spcOid, fork.dbOid, fork.relNumber, fork.forkNumber, fork.blocks])
    .filter((fork) => fork[3] === initFork || !inits.has(idOf(fork)));
  const ours = new Set(own.map(describe));
  const theirs = new Set(recovered.map(describe));
  const missing = [...theirs].find((each) => !ours.has(each));
  const extra = [...ours].find((each) => !theirs.has(each));
  if (missing === undefined && extra === undefined) return;
  throw unexplained(
    `the sizes of relations: recovery has ${missing ?? 'nothing more'}, the model ${extra ?? 'nothing more'}`,
  );
}

function idOf(fork: readonly number[]): string {
  return fork.slice(0, 3).join('/');
}

function describe(fork: readonly number[]): string {
  return `fork ${String(fork[3])} of ${idOf(fork)} with ${String(fork[4])} pages`;
}

/** Whether the next multixact's place is noted already depends on the minor that recovered. */
function withoutNext(end: StorageEnd, page: number, bytes: Buffer): Buffer {
  const next = end.checkpoint.readUInt32LE(checkpointOffset.nextMulti);
  const copy = Buffer.from(bytes);
  const at = next * 4 - page * copy.length;
  if (at >= 0 && at < copy.length) copy.fill(0, at);
  return copy;
}

function unexplained(what: string): RedoubtError {
  return new RedoubtError(
    'infrastructure',
    'oracle-unexplained',
    `recovery and the model of the pageserver differ in ${what}`,
    { remedy: 'Keep the capture and report it.' },
  );
}
