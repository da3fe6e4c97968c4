import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { test } from '@japa/runner';

import { type DockerConnection, ensureDocker } from '../../../harness/host/docker/docker-daemon.ts';
import { ensureHostImage } from '../../../harness/host/docker/docker-image.ts';
import { openDockerHost } from '../../../harness/host/docker/docker-host.ts';
import { ensureImageRoot, registryOf } from '../../../harness/host/docker/image-root.ts';
import { ensureHostRoot, type HostOutcome } from '../../../harness/host/host-root.ts';
import { silent } from '../../../harness/host/progress.ts';
import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { ensureOddRoots } from '../../support/odd-roots.ts';
import { rejection } from '../support/rejection.ts';

/** Of this process alone: the machine's daemon may serve others. */
const reference = `redoubt-test/musl:${String(process.pid)}`;

async function importMusl({ api }: DockerConnection): Promise<void> {
  const { musl } = await ensureOddRoots();
  const [repo = '', tag = ''] = reference.split(':');
  const said = await text((await api.importImage(createReadStream(musl), { repo, tag })) as Readable);
  // podman 4 takes no heed of the tag.
  const [id = ''] = /sha256:[0-9a-f]{64}/.exec(said) ?? [];
  await api.getImage(id).tag({ repo, tag });
}

/** Takes calls and never says a word. */
async function silentRegistry() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${String(port)}`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function rootOf(outcome: HostOutcome) {
  if (outcome.kind === 'root') return outcome.root;
  throw new TypeError(outcome.host.reason);
}

test.group('the root of an image', () => {
  test('of a daemon is unpacked for the chroot engine, and run as it is by the docker engine', async ({
    assert,
  }) => {
    await using docker = await ensureDocker(silent);
    await importMusl(docker);
    const request = { name: 'mine', archive: `image:${reference}`, isRequired: true };
    const root = rootOf(await ensureHostRoot(request, silent));
    assert.deepEqual(root.libc, { kind: 'musl', version: '1.2.3' });
    assert.equal(root.imageId, (await docker.api.getImage(reference).inspect()).Id);
    assert.isAbove((await readFile(join(root.path, 'bin/busybox'))).length, 500_000);
    await using host = await openDockerHost(root, docker);
    const { stdout } = await host.run({ argv: ['/bin/busybox', 'echo', 'hello'] });
    assert.equal(stdout.toString(), 'hello\n');
    await docker.api.getImage(reference).remove({ force: true });
  });

  test('that no registry has is absent with the reason, or, asked for by name, an error', async ({
    assert,
  }) => {
    await using _docker = await ensureDocker(silent);
    const unreachable = 'image:127.0.0.1:9/none:1';
    const optional = { name: 'mine', archive: unreachable, isRequired: false };
    const outcome = await ensureHostRoot(optional, silent);
    if (outcome.kind !== 'absent') throw new TypeError('it was found');
    assert.match(outcome.host.reason, /the registry 127\.0\.0\.1:9 cannot be reached \(.*connection refused/);
    const error = await rejection(ensureHostRoot({ ...optional, isRequired: true }, silent));
    assert.equal(error.kind, 'infrastructure');
    assert.equal(error.code, 'host-absent');
    assert.include(error.message, outcome.host.reason);
  });

  test('a registry that says nothing is given up, and not asked again', async ({ assert }) => {
    await using _docker = await ensureDocker(silent);
    await using registry = await silentRegistry();
    // The daemon connects as often as it likes; what counts is how often it is asked.
    const asked: string[] = [];
    const pull = (image: string) =>
      ensureImageRoot(`${registry.address}/${image}`, 'optional', (phase, detail) => {
        if (detail === 'pulling it') asked.push(phase);
      });
    const reason = await pull('none:1');
    assert.match(JSON.stringify(reason), /cannot be reached \(no answer within 5 s\)/);
    assert.equal(await pull('other:1'), reason);
    assert.deepEqual(asked, [`image ${registry.address}/none:1`]);
  });

  test('without a daemon is absent at once', async ({ assert }) => {
    const before = process.env['DOCKER_HOST'];
    process.env['DOCKER_HOST'] = 'unix:///nonexistent/docker.sock';
    const request = { name: 'amazonlinux:2023', archive: undefined, isRequired: false };
    const outcome = await ensureHostRoot(request, silent).finally(() => {
      if (before === undefined) delete process.env['DOCKER_HOST'];
      else process.env['DOCKER_HOST'] = before;
    });
    if (outcome.kind !== 'absent') throw new TypeError('it was found');
    assert.equal(outcome.host.name, 'amazonlinux:2023');
    assert.match(
      outcome.host.reason,
      /^it comes as an image, and no Docker daemon answers at unix:\/\/\/nonexistent/,
    );
  });

  test('the registry of a reference', ({ assert }) => {
    assert.equal(registryOf('amazonlinux:2023'), "the daemon's usual registry");
    assert.equal(registryOf('rockylinux/rockylinux:9'), "the daemon's usual registry");
    assert.equal(registryOf('registry.example/a/b:1'), 'registry.example');
    assert.equal(registryOf('localhost/a:1'), 'localhost');
    assert.equal(registryOf('127.0.0.1:5000/a:1'), '127.0.0.1:5000');
  });
});

test.group('the image of a root', () => {
  test('can be made while other roots take links to its files', async ({ assert }) => {
    await using docker = await ensureDocker(silent);
    await using directory = await temporaryDirectory('a root that is shared');
    const root = join(directory.path, 'root');
    await mkdir(root);
    const file = join(root, 'large');
    await writeFile(file, Buffer.alloc(64 * 2 ** 20));
    const key = `shared-${String(process.pid)}`;
    const imported = new AbortController();
    const importing = ensureHostImage(docker.api, { name: 'shared', path: root, key }, silent).finally(() => {
      imported.abort();
    });
    const other = join(directory.path, 'other');
    while (!imported.signal.aborted) {
      await link(file, other);
      await unlink(other);
    }
    await using image = await importing;
    assert.match(image.id, /^sha256:/);
    await docker.api.getImage(image.id).remove({ force: true });
  });
});

test.group('a host under a name that is another', () => {
  test('is refused', async ({ assert }) => {
    const { musl } = await ensureOddRoots();
    const error = await rejection(
      ensureHostRoot({ name: 'amazonlinux:2', archive: musl, isRequired: true }, silent),
    );
    assert.equal(error.code, 'host-not-as-named');
    assert.include(error.message, 'amazonlinux:2 has glibc 2.26');
    assert.include(error.message, 'has musl 1.2.3');
  });
});
