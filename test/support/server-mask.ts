import { createHash } from 'node:crypto';
import { chmod, copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Client } from 'pg';

import { runBuildTool } from '../../harness/bundle/reference/compile-native.ts';
import { publish } from '../../harness/host/cache.ts';
import { openChrootHost } from '../../harness/host/chroot/chroot-host.ts';
import { silent } from '../../harness/host/progress.ts';
import { buildRecipe } from '../../harness/host/debian/recipes.ts';
import { ensureRoot } from '../../harness/host/root.ts';

const source = join(import.meta.dirname, 'server-mask.c');
const moduleName = 'redoubt_mask.so';
const flags = [
  '-std=gnu11',
  '-O2',
  '-Wall',
  '-Werror',
  '-fPIC',
  '-shared',
  '-fno-strict-aliasing',
  '-fwrapv',
];

/** Compiles server-mask.c for a major, in its build root; kept in the cache by its source. */
async function ensureModule(major: number): Promise<string> {
  const digest = createHash('sha256').update(flags.join(' '));
  digest.update(await readFile(source));
  const key = `test-server-mask/${major}-${digest.digest('hex').slice(0, 12)}`;
  const directory = await publish(key, async (partial) => {
    const root = await ensureRoot(buildRecipe(major), silent);
    await using host = await openChrootHost(root.name, root.path);
    await copyFile(source, join(partial, 'server-mask.c'));
    const include = `-I/usr/include/postgresql/${major}/server`;
    await runBuildTool(host, partial, ['/usr/bin/gcc', ...flags, include, '-o', moduleName, 'server-mask.c']);
    await chmod(join(partial, moduleName), 0o755);
  });
  return join(directory, moduleName);
}

/** The masks of a running server itself: what its own `rm_mask` functions make of a page. */
export class ServerMask {
  readonly #client: Client;

  private constructor(client: Client) {
    this.#client = client;
  }

  /** `dataDirectory` is the server's, as this machine sees it: the module is put there, where the server can load it. */
  static async load(client: Client, major: number, dataDirectory: string): Promise<ServerMask> {
    await copyFile(await ensureModule(major), join(dataDirectory, moduleName));
    const { rows } = await client.query<{ path: string }>(
      `SELECT current_setting('data_directory') || '/${moduleName}' AS path`,
    );
    await client.query(
      `CREATE FUNCTION redoubt_mask(bytea, int, bigint) RETURNS bytea AS '${rows[0]!.path}' LANGUAGE c STRICT`,
    );
    return new ServerMask(client);
  }

  async mask(page: Buffer, rmgrId: number, blockNumber: number): Promise<Buffer> {
    const { rows } = await this.#client.query<{ masked: Buffer }>(
      'SELECT redoubt_mask($1, $2, $3) AS masked',
      [page, rmgrId, blockNumber],
    );
    return rows[0]!.masked;
  }
}
