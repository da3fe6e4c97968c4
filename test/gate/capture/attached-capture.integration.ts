import { cp, mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { copyTree } from '../../../harness/compute/copy-tree.ts';
import { startServer } from '../../../harness/compute/server.ts';
import type { RedoubtError } from '../../../harness/error.ts';
import { attachCapture } from '../../../harness/gate/capture/attached-capture.ts';
import { tapeOfCapture } from '../../../harness/gate/capture/capture-tape.ts';
import type { Host } from '../../../harness/host/engine.ts';
import { silent } from '../../../harness/host/progress.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../../harness/host/run-directory.ts';
import { segmentFileName, segmentNumberOf } from '../../../harness/wal/segment.ts';
import { openComputeImage } from '../../support/compute-image.ts';
import { rejectionOf } from '../../support/error-code.ts';
import { RealCluster } from '../../support/real-cluster.ts';

const major = 17;
const setup = `CREATE TABLE t (id int PRIMARY KEY, body text);
  INSERT INTO t SELECT i, md5(i::text) FROM generate_series(1, 5000) AS i`;
const work = `UPDATE t SET body = 'new' WHERE id % 7 = 0;
  INSERT INTO t SELECT i, 'later' FROM generate_series(10001, 60000) AS i;
  DELETE FROM t WHERE id % 5 = 1`;
// Somebody's cluster has no role of the harness's.
const renamedRole = `CREATE ROLE other SUPERUSER;
  SET SESSION AUTHORIZATION other;
  ALTER ROLE cloud_admin RENAME TO owner`;

async function segments(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => /^[0-9A-F]{24}$/.test(name)).toSorted();
}

test.group('attachCapture', (group) => {
  let host: Host;
  let cluster: RealCluster;
  let directory: TemporaryDirectory;
  let base: string;
  let firstSegment: string;
  let scratch = 0;
  async function run(sql: string): Promise<void> {
    await using server = await cluster.start({ full_page_writes: 'off' });
    const client = await server.connect();
    await client.query(sql);
    await client.end();
    await server.stop('fast');
  }

  /** A path of its own for each use. */
  function place(): string {
    return join(directory.path, `place-${String(scratch++)}`);
  }

  function attach(baseDirectory: string, walDirectory: string): ReturnType<typeof attachCapture> {
    return attachCapture({ host, major, baseDirectory, walDirectory, directory: place(), progress: silent });
  }

  function refusal(baseDirectory: string, walDirectory: string): Promise<RedoubtError> {
    return rejectionOf(attach(baseDirectory, walDirectory));
  }

  /** The WAL from the base's checkpoint on: its segment is the first one, whatever the server still kept before it. */
  async function copyOfWal(): Promise<string> {
    const copy = place();
    await cp(join(cluster.dataDirectory, 'pg_wal'), copy, { recursive: true });
    for (const name of await segments(copy)) if (name < firstSegment) await rm(join(copy, name));
    return copy;
  }

  group.setup(async () => {
    host = await openComputeImage(major);
    directory = await temporaryDirectory('a test');
    cluster = await RealCluster.make(host, major, ['--wal-segsize=1']);
    await run(setup);
    base = join(directory.path, 'base');
    await copyTree(cluster.dataDirectory, base);
    const { timeline, checkpointLsn, walSegmentSizeBytes } = await cluster.readControlFile();
    firstSegment = segmentFileName(
      timeline,
      segmentNumberOf(checkpointLsn, walSegmentSizeBytes),
      walSegmentSizeBytes,
    );
    await run(`${work}; ${renamedRole}`);
    return async () => {
      await cluster[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
      await host[Symbol.asyncDispose]();
    };
  });

  test('makes a tape whose every page base, WAL and recovery explain', async ({ assert }) => {
    const capture = await attach(base, cluster.dataDirectory);
    const control = await cluster.readControlFile();
    assert.equal(capture.endLsn, control.checkpointLsn);
    assert.equal(capture.systemIdentifier, String(control.systemIdentifier));
    const { counts } = await tapeOfCapture(capture, place());
    assert.isAbove(counts.judged, 100);
    assert.isAbove(counts.requestsOnPushedBase, 10);
    const names = capture.relations.filter(({ schema }) => schema === 'public').map(({ name }) => name);
    assert.sameMembers(names, ['t', 't_pkey']);
    assert.isTrue(capture.collations.some(({ name }) => name === 'default'));
    assert.sameMembers(await readdir(capture.directory), ['base', 'oracle', 'oracle.log', 'names.log']);
  });

  test('takes the WAL from a folder of segments, and leaves base and WAL as they are', async ({ assert }) => {
    const wal = await copyOfWal();
    const segmentsBefore = await segments(wal);
    const own = place();
    await copyTree(base, own);
    // A configuration and WAL that live elsewhere, behind links.
    const elsewhere = place();
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, 'postgresql.conf'), "shared_preload_libraries = 'no_such_library'\n");
    await rename(join(own, 'pg_wal'), join(elsewhere, 'pg_wal'));
    await symlink(join(elsewhere, 'pg_wal'), join(own, 'pg_wal'));
    await rm(join(own, 'postgresql.conf'));
    await symlink(join(elsewhere, 'postgresql.conf'), join(own, 'postgresql.conf'));
    const before = await segments(join(elsewhere, 'pg_wal'));

    const capture = await attach(own, wal);

    assert.equal(capture.endLsn, (await cluster.readControlFile()).checkpointLsn);
    assert.deepEqual(await segments(join(elsewhere, 'pg_wal')), before);
    assert.include(await readFile(join(elsewhere, 'postgresql.conf'), 'utf8'), 'no_such_library');
    assert.deepEqual(await segments(wal), segmentsBefore);
  });

  test('refuses a base that was not shut down cleanly', async ({ assert }) => {
    const [crashed, socketDirectory] = [place(), place()];
    await copyTree(base, crashed);
    await mkdir(socketDirectory);
    {
      await using server = await startServer({ host, major, dataDirectory: crashed, socketDirectory });
      await server.stop('immediate');
    }
    const error = await refusal(crashed, cluster.dataDirectory);
    assert.equal(error.code, 'data-directory-not-clean');
    assert.include(error.message, 'in production');
  });

  test('refuses a base of another major', async ({ assert }) => {
    const other = place();
    await copyTree(base, other);
    await writeFile(join(other, 'PG_VERSION'), '15\n');
    const error = await refusal(other, cluster.dataDirectory);
    assert.equal(error.code, 'data-directory-other-major');
    assert.equal(error.kind, 'usage');
  });

  test('refuses what is no data directory', async ({ assert }) => {
    const error = await refusal(await copyOfWal(), cluster.dataDirectory);
    assert.equal(error.code, 'not-a-data-directory');
  });

  test('refuses WAL of another cluster', async ({ assert }) => {
    const wal = await copyOfWal();
    for (const name of await segments(wal)) {
      const bytes = await readFile(join(wal, name));
      bytes.writeBigUInt64LE(7n, 24);
      await writeFile(join(wal, name), bytes);
    }
    const error = await refusal(base, wal);
    assert.equal(error.code, 'wal-other-cluster');
    assert.equal(error.kind, 'usage');
    assert.include(error.message, 'of the cluster 7');
  });

  test('refuses WAL of another major', async ({ assert }) => {
    const wal = await copyOfWal();
    const [first] = await segments(wal);
    const bytes = await readFile(join(wal, first!));
    bytes.writeUInt16LE(0xd110, 0);
    await writeFile(join(wal, first!), bytes);
    const error = await refusal(base, wal);
    assert.equal(error.code, 'wal-other-major');
    assert.include(error.message, 'PostgreSQL 15');
  });

  test('refuses WAL without its first segment', async ({ assert }) => {
    const wal = await copyOfWal();
    const [first] = await segments(wal);
    await rm(join(wal, first!));
    const error = await refusal(base, wal);
    assert.equal(error.code, 'wal-segment-missing');
    assert.include(error.message, first!);
  });

  test('refuses WAL with a segment missing in the middle', async ({ assert }) => {
    const wal = await copyOfWal();
    const all = await segments(wal);
    await rm(join(wal, all[2]!));
    const error = await refusal(base, wal);
    assert.equal(error.code, 'wal-segment-missing');
    assert.include(error.message, all[3]!);
  });

  test('refuses WAL that stops before the primary did', async ({ assert }) => {
    const wal = await copyOfWal();
    const all = await segments(wal);
    for (const name of all.slice(3)) await rm(join(wal, name));
    const error = await refusal(base, wal);
    assert.equal(error.code, 'wal-not-shut-down');
    assert.equal(error.kind, 'usage');
  });

  test('refuses WAL that ends where the base does', async ({ assert }) => {
    const error = await refusal(base, base);
    assert.equal(error.code, 'wal-not-shut-down');
    assert.include(error.message, 'nothing to replay');
  });

  test('tells damaged WAL from WAL that ends', async ({ assert }) => {
    const wal = await copyOfWal();
    const [, second] = await segments(wal);
    const bytes = await readFile(join(wal, second!));
    bytes.fill(0x5a, 300_000, 300_100);
    await writeFile(join(wal, second!), bytes);
    const error = await refusal(base, wal);
    assert.match(error.code, /^wal-corrupt-/);
    assert.include(error.message, second!);
  });

  test('refuses a segment that was cut', async ({ assert }) => {
    const wal = await copyOfWal();
    const [, second] = await segments(wal);
    await truncate(join(wal, second!), 500_000);
    const error = await refusal(base, wal);
    assert.equal(error.code, 'wal-segment-missing');
  });
});
