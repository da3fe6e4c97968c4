import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Client } from 'pg';

import { startServer } from '../compute/server.ts';
import { runVanillaInitdb } from '../compute/vanilla-initdb.ts';
import { RedoubtError } from '../error.ts';
import { openChrootHost } from '../host/chroot/chroot-host.ts';
import { describeEnding } from '../host/describe-ending.ts';
import type { Progress } from '../host/progress.ts';
import { temporaryDirectory } from '../host/run-directory.ts';

/** A root with a server in it. */
export interface ServerRoot {
  readonly name: string;
  readonly path: string;
  readonly major: number;
}

/** Whether an error says that no server of a root could be run, which is no fault of this machine's. */
export function isNoServer(error: unknown): error is RedoubtError {
  const codes = ['initdb-failed', 'no-server-program', 'server-start-failed'];
  return error instanceof RedoubtError && codes.includes(error.code);
}

/**
 * Starts a root's own server on a new data directory in UTF-8, has it asked, and removes both. Throws `infrastructure` when the
 * server cannot be started, see {@link isNoServer}.
 */
export async function withScratchServer<Answer>(
  { name, path, major }: ServerRoot,
  ask: (client: Client) => Promise<Answer>,
  progress: Progress,
): Promise<Answer> {
  await using host = await openChrootHost(name, path, progress);
  await using place = await temporaryDirectory('a server that is asked for order');
  const inout = join(place.path, 'i');
  const { process } = await runVanillaInitdb(host, major, inout, [
    '--pgdata=/inout/data',
    '--username=cloud_admin',
    '--encoding=utf8',
    '--locale=C',
    '--auth=trust',
    '--no-instructions',
    '--no-sync',
  ]);
  if (process.ending.kind !== 'exited' || process.ending.exitCode !== 0)
    throw new RedoubtError(
      'infrastructure',
      'initdb-failed',
      `initdb in ${name} ${describeEnding(process.ending)}: ${process.stderr.trim().slice(-1000)}`,
      { details: { root: name } },
    );
  await mkdir(join(place.path, 's'));
  await using server = await startServer({
    host,
    major,
    dataDirectory: join(inout, 'data'),
    socketDirectory: join(place.path, 's'),
  });
  const client = await server.connect();
  const answer = await closing(client, ask);
  await server.stop('fast');
  return answer;
}

async function closing<Answer>(client: Client, ask: (client: Client) => Promise<Answer>): Promise<Answer> {
  try {
    return await ask(client);
  } finally {
    await client.end();
  }
}
