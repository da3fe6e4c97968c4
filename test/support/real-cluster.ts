import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { copyTree } from '../../harness/compute/copy-tree.ts';
import { parseControlFile } from '../../harness/compute/control-file.ts';
import type { ControlFile } from '../../harness/compute/control-file.ts';
import { makeRecoveryOracle } from '../../harness/compute/recovery-oracle.ts';
import { startServer } from '../../harness/compute/server.ts';
import type { RunningServer } from '../../harness/compute/server.ts';
import { splitStatements } from '../../harness/compute/sql-statements.ts';
import type { Host } from '../../harness/host/engine.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import type { TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { ownInitdb } from './compute-image.ts';

const scriptPath = join(import.meta.dirname, 'every-record.sql');

/** A cluster on which `every-record.sql` ran: its files, and its server as long as one wants it. */
export class RealCluster implements AsyncDisposable {
  readonly host: Host;
  readonly major: number;
  readonly #directory: TemporaryDirectory;

  private constructor(host: Host, major: number, directory: TemporaryDirectory) {
    this.host = host;
    this.major = major;
    this.#directory = directory;
  }

  /** Makes the data directory, with initdb's `flags`. */
  static async make(host: Host, major: number, flags: readonly string[] = []): Promise<RealCluster> {
    const cluster = new RealCluster(host, major, await temporaryDirectory('a real cluster'));
    await ownInitdb(host, major, cluster.dataDirectory, flags);
    await mkdir(join(cluster.#directory.path, 's'));
    return cluster;
  }

  get dataDirectory(): string {
    return join(this.#directory.path, 'data');
  }

  start(settings: Readonly<Record<string, string>>): Promise<RunningServer> {
    return startServer({
      host: this.host,
      major: this.major,
      dataDirectory: this.dataDirectory,
      socketDirectory: join(this.#directory.path, 's'),
      settings: { wal_keep_size: '10GB', max_wal_size: '10GB', max_prepared_transactions: '5', ...settings },
    });
  }

  /** Starts the server, runs the script and then `more`, stops the server cleanly. */
  async runScript(settings: Readonly<Record<string, string>>, more: readonly string[] = []): Promise<void> {
    const script = splitStatements(await readFile(scriptPath, 'utf8'), scriptPath);
    await this.run(settings, [...script.map(({ text }) => text), ...more]);
  }

  /** Starts the server, runs the statements, stops it cleanly. */
  async run(settings: Readonly<Record<string, string>>, statements: readonly string[]): Promise<void> {
    await using server = await this.start(settings);
    const client = await server.connect();
    try {
      for (const text of statements) await client.query(text);
    } finally {
      await client.end();
    }
    await server.stop('fast');
  }

  readControlFile(): Promise<ControlFile> {
    return readControlFileOf(this.dataDirectory);
  }

  /** Where `keepBase` puts its copy. */
  get baseDirectory(): string {
    return join(this.#directory.path, 'base');
  }

  /** Keeps a copy of the data directory, at rest now. */
  async keepBase(): Promise<void> {
    await copyTree(this.dataDirectory, this.baseDirectory);
  }

  /** What a standby makes of the kept base with the WAL of the cluster, at rest now again: a data directory. */
  async recover(): Promise<string> {
    const [before, after] = [await readControlFileOf(this.baseDirectory), await this.readControlFile()];
    const oracleDirectory = join(this.#directory.path, 'oracle');
    await makeRecoveryOracle({
      host: this.host,
      major: this.major,
      baseDirectory: this.baseDirectory,
      walDirectory: join(this.dataDirectory, 'pg_wal'),
      range: {
        timeline: after.timeline,
        startLsn: before.checkpointLsn,
        endLsn: after.checkpointLsn,
        segmentSizeBytes: after.walSegmentSizeBytes,
      },
      oracleDirectory,
      settings: { max_prepared_transactions: '5' },
    });
    return oracleDirectory;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#directory[Symbol.asyncDispose]();
  }
}

async function readControlFileOf(directory: string): Promise<ControlFile> {
  const path = join(directory, 'global', 'pg_control');
  return parseControlFile(await readFile(path), path);
}
