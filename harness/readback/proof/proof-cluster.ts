import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Client } from 'pg';

import { copyTree } from '../../compute/copy-tree.ts';
import { type RunningServer, startServer, superuser } from '../../compute/server.ts';
import { runVanillaInitdb } from '../../compute/vanilla-initdb.ts';
import { RedoubtError } from '../../error.ts';
import type { Host } from '../../host/engine.ts';
import { removeTree } from '../../host/remove-tree.ts';
import { readServerLog } from './server-log.ts';

/** One side of a proof: where a server runs, with the libraries in question. */
export interface ProofSide {
  /** As the user named the environment. */
  readonly name: string;
  readonly host: Host;
  readonly major: number;
}

/** Copies of one data directory, each in a folder of its own under one that is temporary. */
export class ProofCluster {
  readonly #directory: string;
  #socketCount = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Makes the data directory `name` on a side, with all locales of the C library's left out: each database has its own. */
  async initialise(side: ProofSide, name: string): Promise<void> {
    const options = ['--encoding=UTF8', '--locale=C', '--auth=trust', '--no-sync', `--username=${superuser}`];
    const { process } = await runVanillaInitdb(side.host, side.major, join(this.#directory, 'i'), [
      '--pgdata=/inout/data',
      ...options,
    ]);
    if (process.ending.kind !== 'exited' || process.ending.exitCode !== 0)
      throw new RedoubtError(
        'infrastructure',
        'initdb-failed',
        `initdb of ${side.name} failed: ${process.stderr.trim().slice(-1000)}`,
        { details: { environment: side.name } },
      );
    await copyTree(join(this.#directory, 'i', 'data'), this.path(name));
  }

  /** The folder of a data directory. */
  path(name: string): string {
    return join(this.#directory, name);
  }

  /** Copies a data directory at rest. */
  async copy(from: string, to: string): Promise<void> {
    await copyTree(this.path(from), this.path(to));
  }

  /** Removes a data directory and what its server logged. */
  async remove(name: string): Promise<void> {
    await removeTree(this.path(name));
    await removeTree(`${this.path(name)}.log`);
  }

  /** Runs a server of a side on a data directory for as long as `work` takes, and says what it logged as a warning. */
  async serve<Value>(
    side: ProofSide,
    name: string,
    work: (connect: Connect) => Promise<Value>,
  ): Promise<{ readonly value: Value; readonly warnings: readonly string[] }> {
    this.#socketCount += 1;
    const socketDirectory = join(this.#directory, `s${String(this.#socketCount)}`);
    await mkdir(socketDirectory);
    await using server = await startServer({
      host: side.host,
      major: side.major,
      dataDirectory: this.path(name),
      socketDirectory,
      settings: { shared_buffers: '64MB', maintenance_work_mem: '64MB', full_page_writes: 'off' },
    });
    const value = await work((database, use) => connected(server, database, use));
    await server.stop('fast');
    return { value, warnings: await readServerLog(server.logFile) };
  }
}

/** Opens a session in a database for as long as `use` takes. */
export type Connect = <Value>(
  database: string | undefined,
  use: (client: Client) => Promise<Value>,
) => Promise<Value>;

async function connected<Value>(
  server: RunningServer,
  database: string | undefined,
  use: (client: Client) => Promise<Value>,
): Promise<Value> {
  const client = await server.connect(database);
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
