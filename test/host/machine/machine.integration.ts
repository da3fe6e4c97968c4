import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { dockerFact, ownDaemonFact } from '../../../harness/host/docker/docker-fact.ts';
import { listHosts } from '../../../harness/host/inventory.ts';
import { inspectMachine } from '../../../harness/host/machine/machine.ts';
import { ensureTools, findProgram, missingTools } from '../../../harness/host/machine/prerequisites.ts';
import { hostNames } from '../../../harness/host/debian/recipes.ts';
import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { rejection } from '../support/rejection.ts';
import { debianRoot } from '../support/shared-host.ts';

/** Runs with another PATH, as on a machine that lacks programs. */
async function withPath<T>(path: string, run: () => Promise<T>): Promise<T> {
  const before = process.env['PATH'];
  process.env['PATH'] = path;
  try {
    return await run();
  } finally {
    process.env['PATH'] = before;
  }
}

test.group('inspectMachine', () => {
  test('finds nothing missing where the tests run', async ({ assert }) => {
    const facts = await inspectMachine();
    assert.deepEqual(
      facts.filter(({ status }) => status === 'missing'),
      [],
    );
    assert.lengthOf([...new Set(facts.map(({ name }) => name))], facts.length);
    for (const { status, remedy, detail } of facts) {
      assert.equal(remedy === '', status === 'ok');
      assert.isNotEmpty(detail);
    }
  });
});

test.group("doctor's word on Docker", () => {
  test('names the daemon that a run would start, or the package that has it', async ({ assert }) => {
    await using empty = await temporaryDirectory('an empty PATH');
    const absent = await withPath(empty.path, ownDaemonFact);
    assert.equal(absent.status, 'degraded');
    assert.match(absent.detail, /no daemon answers, and none is installed; only --engine docker needs one/);
    assert.match(absent.remedy, /apt-get install docker\.io/);
    const program = join(empty.path, 'dockerd');
    await writeFile(program, '#!/bin/sh\necho "Docker version 20.10.24+dfsg1, build 297e128"\n', {
      mode: 0o755,
    });
    const own = await withPath(`${empty.path}:${process.env['PATH'] ?? ''}`, ownDaemonFact);
    assert.deepEqual([own.status, own.remedy], ['ok', '']);
    assert.include(own.detail, `${program} 20.10.24 is there`);
  });

  test('says which DOCKER_HOST does not answer', async ({ assert }) => {
    const before = process.env['DOCKER_HOST'];
    process.env['DOCKER_HOST'] = 'unix:///nowhere/docker.sock';
    try {
      const dead = await dockerFact();
      assert.equal(dead.status, 'degraded');
      assert.match(dead.detail, /no Docker daemon answers at unix:\/\/\/nowhere\/docker\.sock/);
      assert.match(dead.remedy, /--engine chroot/);
    } finally {
      if (before === undefined) delete process.env['DOCKER_HOST'];
      else process.env['DOCKER_HOST'] = before;
    }
  });
});

test.group('tools', () => {
  test('are found on the PATH, or not', async ({ assert }) => {
    assert.deepEqual(await missingTools(), []);
    assert.isUndefined(await findProgram('no-such-program'));
    await using empty = await temporaryDirectory('an empty PATH');
    const missing = await withPath(empty.path, missingTools);
    assert.include(
      missing.map(({ program }) => program),
      'mmdebstrap',
    );
  });

  test('that cannot be installed are named with their packages', async ({ assert }) => {
    await using empty = await temporaryDirectory('an empty PATH');
    const error = await withPath(empty.path, () => rejection(ensureTools(() => {})));
    assert.equal(error.kind, 'infrastructure');
    assert.equal(error.code, 'tools-missing');
    assert.include(error.message, 'mmdebstrap');
    assert.include(error.remedy, 'apt-get install');
    assert.include(error.remedy, 'util-linux');
  });
});

test.group('listHosts', () => {
  test('names every host that can be had, and what is ready', async ({ assert }) => {
    const root = await debianRoot();
    const entries = await listHosts();
    const hosts = entries.filter(({ purpose }) => purpose === 'host');
    assert.deepEqual(
      hosts.map(({ name }) => name),
      hostNames(),
    );
    const ready = hosts.find(({ name }) => name === 'debian:12');
    assert.equal(ready?.state, 'ready');
    assert.equal(ready?.packageCount, Object.keys(root.packages).length);
    assert.isAbove(ready?.sizeBytes ?? 0, 100_000_000);
  });
});
