import { createWriteStream } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

import { test } from '@japa/runner';
import { execa } from 'execa';

import type { LocaleAttribution } from '../../harness/collation/attribution/attribution.ts';
import type { Drift } from '../../harness/collation/drift.ts';
import type { LocaleDrift } from '../../harness/collation/locale-drift.ts';
import { hostRecipe } from '../../harness/host/debian/recipes.ts';
import { type DockerConnection, ensureDocker } from '../../harness/host/docker/docker-daemon.ts';
import { ensureNpmServer } from '../../harness/host/npm/npm-server.ts';
import { newestNpmServer } from '../../harness/host/npm/npm-servers.ts';
import { silent } from '../../harness/host/progress.ts';
import { ensureRoot } from '../../harness/host/root.ts';
import type { LocaleProof } from '../../harness/readback/proof/locale-proof.ts';
import { redoubt } from '../support/redoubt-command.ts';
import { Workplace } from './support/workplace.ts';

/*
 * Environments that are container images: in a daemon by their names, and as what docker save makes of them. They are made of
 * Debian's roots, with one locale and without what nothing here reads.
 */

interface AttributedDrift extends Drift {
  readonly exitCode: number;
  readonly locales: readonly (LocaleDrift & {
    readonly attribution?: LocaleAttribution | null;
    readonly proof?: LocaleProof | null;
  })[];
}

const isFull = process.env['REDOUBT_TEST_TIER'] === 'full';
const excluded = ['./usr/share', './var/cache', './var/lib/apt', './boot'];
const keptLocales = /^C\.(UTF-8|utf8)$/;

/** Of this process alone: the machine's daemon may serve others. */
const repo = `redoubt-test/drift-${String(process.pid)}`;

/** Imports the root of a Debian release into a daemon, with a server under a prefix of it; returns the word that names the image. */
async function importRelease(
  { api }: DockerConnection,
  host: string,
  server?: { readonly installation: string; readonly prefix: string },
): Promise<string> {
  const { path } = await ensureRoot(hostRecipe(host), silent);
  const locales = await readdir(join(path, 'usr/lib/locale'));
  const unwanted = locales
    .filter((name) => !keptLocales.test(name))
    .map((name) => `./usr/lib/locale/${name}`);
  const besides =
    server === undefined
      ? []
      : [
          `--transform=s,^${basename(server.installation)},./${server.prefix},S`,
          `--directory=${dirname(server.installation)}`,
          basename(server.installation),
        ];
  const tar = execa(
    'tar',
    [
      '--create',
      '--numeric-owner',
      ...[...excluded, ...(server ? [`./${server.prefix}`] : []), ...unwanted].map(
        (name) => `--exclude=${name}`,
      ),
      `--directory=${path}`,
      '.',
      ...besides,
    ],
    { encoding: 'buffer', buffer: false, reject: false },
  );
  // A daemon that refuses it leaves it waiting for a reader.
  using _tar = { [Symbol.dispose]: () => tar.kill() };
  const tag = `${host.replace(':', '-')}${server === undefined ? '' : '-server'}`;
  const said = await text((await api.importImage(tar.stdout, { repo, tag })) as Readable);
  const { exitCode } = await tar;
  // 1: a file has changed, which is one link more or less to it when roots are composed meanwhile.
  if (exitCode !== 0 && exitCode !== 1) throw new Error(`tar ended with ${String(exitCode)}`);
  // podman 4 takes no heed of the tag.
  const [id = ''] = /sha256:[0-9a-f]{64}/.exec(said) ?? [];
  await api.getImage(id).tag({ repo, tag });
  return `image:${repo}:${tag}`;
}

test.group('redoubt drift of container images', (group) => {
  let docker: DockerConnection;
  /** A cache of its own: each image that is imported is another one, and is unpacked once. */
  let place: Workplace;
  const images: Record<string, string> = {};
  group.setup(async () => {
    docker = await ensureDocker(silent);
    place = await Workplace.open(['helpers', 'npm', 'roots']);
    await mkdir(place.out);
    for (const host of ['debian:11', 'debian:12']) images[host] = await importRelease(docker, host);
    return async () => {
      for (const image of Object.values(images))
        await docker.api.getImage(image.slice('image:'.length)).remove({ force: true });
      await place[Symbol.asyncDispose]();
      await docker[Symbol.asyncDispose]();
    };
  });

  async function drift(words: string): Promise<AttributedDrift> {
    const { exitCode, stdout, stderr } = await redoubt(
      ['drift', ...words.split(' '), '--json', '--quiet'],
      place.env,
    );
    if (exitCode !== 0 && exitCode !== 1) throw new Error(stderr);
    return JSON.parse(stdout) as AttributedDrift;
  }

  test('an image of debian:12 orders as the root that it was made of', async ({ assert }) => {
    const answer = await drift(
      `--from ${images['debian:12'] ?? ''} --to debian:12 --provider libc --locale C.UTF-8 --quick`,
    );
    assert.equal(answer.exitCode, 0);
    assert.equal(answer.from.libc, answer.to.libc);
    assert.deepEqual(
      answer.locales.map(({ locale, order, warned }) => [locale, order, warned]),
      [['C.UTF-8', 'same', false]],
    );
  });

  test('an image of debian:11 drifts from debian:12', async ({ assert }) => {
    const answer = await drift(
      `--from ${images['debian:11'] ?? ''} --to debian:12 --provider libc --locale C.UTF-8 --quick`,
    );
    assert.equal(answer.exitCode, 1);
    assert.containSubset(answer.locales, [{ locale: 'C.UTF-8', order: 'changed', alarm: 'silent' }]);
  });

  if (isFull)
    test('its locale data is guilty, by libraries and server', async ({ assert }) => {
      const image = images['debian:11'] ?? '';
      const answer = await drift(
        `--from ${image} --to debian:12 --provider libc --locale C.UTF-8 --quick --attribute`,
      );
      const attribution = answer.locales[0]?.attribution;
      assert.equal(attribution?.cause, 'locale-data');
      const environment = `pg=npm:17.10,libc=${image},locales=debian:12`;
      assert.containSubset(attribution?.runs, [{ asked: 'libraries', environment, like: 'to' }]);
      assert.isTrue(attribution?.runs.some(({ asked, seen }) => asked === 'server' && seen !== null));
    });

  if (isFull)
    test('a server in an image proves it, wherever it lies: {prefix}')
      .with([{ prefix: 'usr/local' }, { prefix: 'usr/pgsql-17' }])
      .run(async ({ assert }, { prefix }) => {
        const npm = newestNpmServer(17);
        if (npm === undefined) throw new TypeError('npm has no such server');
        const installation = await ensureNpmServer(npm, silent);
        const server = await importRelease(docker, 'debian:11', { installation, prefix });
        const answer = await drift(
          `--from ${server} --to debian:12 --provider libc --locale C.UTF-8 --quick --prove ${server}`,
        );
        assert.equal(answer.exitCode, 1);
        assert.containSubset(answer.locales, [{ locale: 'C.UTF-8', proof: { order: { breaks: true } } }]);
        await docker.api.getImage(server.slice('image:'.length)).remove({ force: true });
      });

  if (isFull)
    test('what shrink makes of an image is shown again', async ({ assert }) => {
      const strings = join(place.out, 'strings');
      await writeFile(strings, '😀\n0\n');
      const folder = join(place.out, 'pair');
      const words = `shrink --from ${images['debian:11'] ?? ''} --to debian:12 --locale C.UTF-8`;
      const shrunk = await redoubt(
        [...words.split(' '), '--strings', strings, '--out', folder, '--quiet'],
        place.env,
      );
      assert.equal(shrunk.exitCode, 1, shrunk.stderr);
      assert.notInclude(shrunk.stdout, 'no server ran');
      const again = await redoubt(['reproduce', folder, '--json', '--quiet'], place.env);
      assert.containSubset(JSON.parse(again.stdout), { exitCode: 1, isAsThen: true });
    });

  test('what docker save made of it is the same environment, as a part of a composition, too', async ({
    assert,
  }) => {
    const saved = join(place.out, 'saved.tar');
    const name = (images['debian:11'] ?? '').slice('image:'.length);
    await pipeline((await docker.api.getImage(name).get()) as Readable, createWriteStream(saved));
    const answer = await drift(
      `--from pg=npm:17,libc=${saved} --to pg=npm:17,libc=${images['debian:11'] ?? ''} --provider libc --locale C.UTF-8 --quick`,
    );
    assert.equal(answer.exitCode, 0);
    assert.equal(answer.from.libc, '2.31');
  });

  test('{what} is one error, of the machine, and leaves nothing')
    .with([
      {
        what: 'an image that no registry has',
        from: 'image:127.0.0.1:9/none:1',
        env: {},
        said: /image:127\.0\.0\.1:9\/none:1 cannot be had here: .*connection refused/,
      },
      {
        what: 'an image of a daemon that is dead',
        from: `image:${repo}:debian-12`,
        env: { DOCKER_HOST: 'unix:///nonexistent/docker.sock' },
        said: /cannot be had here: it comes as an image, and no Docker daemon answers at unix:\/\/\/nonexistent/,
      },
      {
        what: 'a missing image as a part of a composition',
        from: 'pg=npm:17,libc=image:127.0.0.1:9/none:1',
        env: {},
        said: /image:127\.0\.0\.1:9\/none:1 cannot be had here/,
      },
    ])
    .run(async ({ assert }, { from, env, said }) => {
      const words = `drift --from ${from} --to debian:12 --locale C.UTF-8 --quick --quiet`;
      const { exitCode, stdout, stderr } = await redoubt(words.split(' '), { ...place.env, ...env });
      assert.equal(exitCode, 3);
      assert.equal(stdout, '');
      assert.match(stderr, said);
      assert.notMatch(stderr, /^ {4}at /m);
      assert.deepEqual(await place.halfMade(), []);
    });

  test('an archive that is no image is refused as such', async ({ assert }) => {
    const file = join(place.out, 'none.tar');
    await writeFile(file, 'no archive at all');
    const words = ['drift', '--from', file, '--to', 'debian:12', '--locale', 'C.UTF-8', '--quiet'];
    const { exitCode, stdout, stderr } = await redoubt(words);
    assert.deepEqual([exitCode, stdout], [2, '']);
    assert.include(stderr, file);
  });
});
