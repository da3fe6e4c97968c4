import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parseControlFile } from '../../harness/compute/control-file.ts';
import type { ControlFile } from '../../harness/compute/control-file.ts';
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

  /** Starts the server, runs the script, stops it cleanly. */
  async runScript(settings: Readonly<Record<string, string>>): Promise<void> {
    await using server = await this.start(settings);
    const client = await server.connect();
    try {
      for (const { text } of splitStatements(await readFile(scriptPath, 'utf8'), scriptPath)) {
        await client.query(text);
      }
    } finally {
      await client.end();
    }
    await server.stop('fast');
  }

  async readControlFile(): Promise<ControlFile> {
    const path = join(this.dataDirectory, 'global', 'pg_control');
    return parseControlFile(await readFile(path), path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#directory[Symbol.asyncDispose]();
  }
}
