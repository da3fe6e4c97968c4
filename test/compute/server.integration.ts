import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { copyTree } from '../../harness/compute/copy-tree.ts';
import { readDataDirectoryState } from '../../harness/compute/data-directory-state.ts';
import { startServer, type RunningServer } from '../../harness/compute/server.ts';
import type { Host } from '../../harness/host/engine.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { openComputeImage, ownInitdb } from '../support/compute-image.ts';
import { rejectionOf } from '../support/error-code.ts';

/** A place with a new data directory and a socket folder, and how to start the server on it. */
class Place implements AsyncDisposable {
  readonly #host: Host;
  readonly #major: number;
  readonly #directory: TemporaryDirectory;

  private constructor(host: Host, major: number, directory: TemporaryDirectory) {
    this.#host = host;
    this.#major = major;
    this.#directory = directory;
  }

  /** `template` is a data directory fresh from initdb. */
  static async make(host: Host, major: number, template: string): Promise<Place> {
    const place = new Place(host, major, await temporaryDirectory('a test'));
    await copyTree(template, place.dataDirectory);
    await mkdir(place.socketDirectory);
    return place;
  }

  get dataDirectory(): string {
    return join(this.#directory.path, 'data');
  }

  get socketDirectory(): string {
    return join(this.#directory.path, 's');
  }

  start(settings: Readonly<Record<string, string>> = {}, major = this.#major): Promise<RunningServer> {
    return startServer({
      host: this.#host,
      major,
      dataDirectory: this.dataDirectory,
      socketDirectory: this.socketDirectory,
      settings,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#directory[Symbol.asyncDispose]();
  }
}

async function single(server: RunningServer, sql: string): Promise<unknown> {
  const client = await server.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

test.group('startServer', (group) => {
  let host: Host;
  let template: TemporaryDirectory;
  let place: Place;
  group.setup(async () => {
    host = await openComputeImage(15);
    template = await temporaryDirectory('a test');
    await ownInitdb(host, 15, template.path);
    return async () => {
      await template[Symbol.asyncDispose]();
      await host[Symbol.asyncDispose]();
    };
  });
  group.each.setup(async () => {
    place = await Place.make(host, 15, template.path);
    return async () => {
      await place[Symbol.asyncDispose]();
    };
  });

  test('answers queries with the given settings, and stops cleanly', async ({ assert }) => {
    await using server = await place.start({ work_mem: '7MB' });
    assert.match(server.version, /^15\.\d+$/);
    assert.equal(
      await single(server, 'SHOW server_version_num'),
      `15${server.version.slice(3).padStart(4, '0')}`,
    );
    assert.equal(await single(server, 'SHOW work_mem'), '7MB');
    assert.equal(await single(server, 'SELECT inet_server_addr()'), null);
    await server.stop('fast');
    const { control, lockFileExists } = await readDataDirectoryState(place.dataDirectory);
    assert.equal(control.state, 'shut down');
    assert.equal(control.redoLsn, control.checkpointLsn);
    assert.isFalse(lockFileExists);
  });

  test('keeps what was written from one start to the next', async ({ assert }) => {
    {
      await using server = await place.start();
      await single(server, 'CREATE TABLE kept AS SELECT 42 AS n');
      await server.stop('fast');
    }
    await using server = await place.start();
    assert.equal(await single(server, 'SELECT n FROM kept'), 42);
    await server.stop('fast');
  });

  test('refuses to start after an immediate stop', async ({ assert }) => {
    {
      await using server = await place.start();
      await server.stop('immediate');
    }
    const error = await rejectionOf(place.start());
    assert.equal(error.code, 'data-directory-not-clean');
    assert.equal(error.kind, 'infrastructure');
  });

  test('refuses a data directory of another major, naming both', async ({ assert }) => {
    const error = await rejectionOf(place.start({}, 17));
    assert.equal(error.code, 'data-directory-other-major');
    assert.equal(error.kind, 'usage');
    assert.include(error.message, 'PostgreSQL 15');
    assert.include(error.message, '17');
  });

  test('refuses a second server on the same data directory', async ({ assert }) => {
    await using server = await place.start();
    assert.equal((await rejectionOf(place.start())).code, 'data-directory-in-use');
    assert.equal(await single(server, 'SELECT 1'), 1);
    await server.stop('fast');
  });

  test('says what the log says when the server does not start', async ({ assert }) => {
    const error = await rejectionOf(place.start({ shared_buffers: 'plenty' }));
    assert.equal(error.code, 'server-start-failed');
    assert.include(error.message, 'shared_buffers');
    assert.include(error.message, 'exited with code 1');
  });

  test('says so when the server crashes, and does not let it come back', async ({ assert }) => {
    await using server = await place.start();
    await single(server, `COPY (SELECT 1) TO PROGRAM 'kill -SEGV $PPID'`).catch(() => undefined);
    const error = await rejectionOf(server.stop('fast'));
    assert.equal(error.code, 'server-stop-failed');
    assert.include(error.message, 'signal 11');
  });

  test('leaves no process when it is disposed of without a stop', async ({ assert }) => {
    const server = await place.start();
    await server[Symbol.asyncDispose]();
    assert.equal((await rejectionOf(server.connect())).code, 'server-connect-failed');
    const { control, lockFileExists } = await readDataDirectoryState(place.dataDirectory);
    assert.equal(control.state, 'in production');
    assert.isTrue(lockFileExists);
  });

  test('refuses a socket folder whose path is too long for a socket', async ({ assert }) => {
    const error = await rejectionOf(
      startServer({
        host,
        major: 15,
        dataDirectory: place.dataDirectory,
        socketDirectory: join(place.socketDirectory, 'x'.repeat(100)),
      }),
    );
    assert.equal(error.code, 'socket-path-too-long');
  });
});
