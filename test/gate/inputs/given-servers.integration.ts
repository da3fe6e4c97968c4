import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { test } from '@japa/runner';
import { execa } from 'execa';

import { startServer } from '../../../harness/compute/server.ts';
import { openGivenCompute } from '../../../harness/gate/inputs/given-compute.ts';
import { openChrootHost } from '../../../harness/host/chroot/chroot-host.ts';
import { ensureNpmServer } from '../../../harness/host/npm/npm-server.ts';
import { newestNpmServer } from '../../../harness/host/npm/npm-servers.ts';
import { silent } from '../../../harness/host/progress.ts';
import { ensureRoot } from '../../../harness/host/root.ts';
import { Workplace } from '../../cli/support/workplace.ts';
import { ociImage, savedImage, tarOf } from '../../host/support/image-builder.ts';
import { debianRoot } from '../../host/support/shared-host.ts';
import { ownInitdb } from '../../support/compute-image.ts';

/*
 * Real servers where distributions put them, in each form in which an image comes. Hundreds of megabytes each: in the
 * full tier.
 */

const major = 17;

interface Given {
  readonly what: string;
  /** The server's prefix. */
  readonly prefix: string;
  /** Writes the image of these layers; returns its path. */
  readonly write: (layers: readonly Buffer[], folder: string) => Promise<string>;
}

const images: readonly Given[] = [
  {
    what: "PGDG's for RHEL, as what docker save writes",
    prefix: 'usr/pgsql-17',
    write: async (layers, folder) => {
      const path = join(folder, 'saved.tar');
      await writeFile(path, await tarOf(...savedImage(layers)));
      return path;
    },
  },
  {
    what: "docker-library's, as an OCI archive",
    prefix: 'usr/local',
    write: async (layers, folder) => {
      const path = join(folder, 'oci.tar');
      await writeFile(path, await tarOf(...ociImage(layers)));
      return path;
    },
  },
  {
    what: "PostgreSQL's own prefix, as an OCI layout",
    prefix: 'usr/local/pgsql',
    write: async (layers, folder) => {
      for (const { name, content } of ociImage(layers)) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await writeFile(join(folder, name), content ?? '');
      }
      return folder;
    },
  },
];

async function layer(directory: string, prefix: string): Promise<Buffer> {
  const words = ['--create', '--directory', directory, '--transform', `s,^\\.,${prefix},S`, '.'];
  const { stdout } = await execa('tar', words, { encoding: 'buffer', maxBuffer: 2 ** 31 });
  return Buffer.from(stdout);
}

test.group('servers in compute images that are given', (group) => {
  if (process.env['REDOUBT_TEST_TIER'] !== 'full') return;

  /** A cache of its own, since what is unpacked is large: one for all, since a process looks for its helper once. */
  let place: Workplace;
  group.setup(async () => {
    const before = process.env['REDOUBT_CACHE'];
    place = await Workplace.open(['helpers', 'npm', 'roots']);
    process.env['REDOUBT_CACHE'] = place.cache;
    await mkdir(place.out);
    return async () => {
      if (before === undefined) delete process.env['REDOUBT_CACHE'];
      else process.env['REDOUBT_CACHE'] = before;
      await place[Symbol.asyncDispose]();
    };
  });

  test('start where they lie: {what}')
    .with([...images])
    .run(async ({ assert }, { prefix, write }) => {
      const npm = newestNpmServer(major);
      if (npm === undefined) throw new TypeError('npm has no such server');
      const layers = [
        await layer((await debianRoot()).path, '.'),
        await layer(await ensureNpmServer(npm, silent), prefix),
      ];
      const folder = await mkdtemp(join(place.out, 'image-'));
      const [image] = await openGivenCompute(`mine=${await write(layers, folder)}`, silent);
      if (image === undefined) throw new TypeError('it has no server');
      const root = await ensureRoot(image.recipe, silent);
      await using host = await openChrootHost(root.name, root.path);
      const dataDirectory = join(folder, 'data');
      await ownInitdb(host, major, dataDirectory);
      const socketDirectory = join(folder, 's');
      await mkdir(socketDirectory);
      await using server = await startServer({ host, major, dataDirectory, socketDirectory });
      const client = await server.connect();
      const { rows } = await client.query<{ version: string }>(
        `SELECT current_setting('server_version') AS version`,
      );
      await client.end();
      await server.stop('fast');
      assert.equal(rows[0]?.version.split(' ')[0], npm.serverVersion);
    });
});
