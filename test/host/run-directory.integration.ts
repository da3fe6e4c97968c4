import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { controlGroups } from '../../harness/host/chroot/control-groups.ts';
import { findLeftovers, removeLeftovers } from '../../harness/host/leftovers.ts';
import { ownerIsDead, ownerToken } from '../../harness/host/owner.ts';
import { mountsWithin, removeTree } from '../../harness/host/remove-tree.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { descendantsOf } from '../cli/support/process-tree.ts';
import { until } from './support/processes.ts';

/** A process whose death the test decides, and its token: nobody takes for left what belongs to it while it lives. */
async function startOwner(): Promise<{ readonly token: string; readonly end: () => Promise<void> }> {
  const child = spawn('sleep', ['1000']);
  const ended = once(child, 'exit');
  await once(child, 'spawn');
  const known = (await descendantsOf(process.pid)).find(({ pid }) => pid === child.pid);
  const [, , namespace] = ownerToken().split('-');
  return {
    token: [child.pid?.toString(36), Number(known?.startTicks).toString(36), namespace].join('-'),
    end: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

test.group('temporaryDirectory', () => {
  test('is short enough for a Unix socket, bears its owner, and goes when it is disposed', async ({
    assert,
  }) => {
    let path: string;
    {
      await using directory = await temporaryDirectory('a test');
      ({ path } = directory);
      await mkdir(join(path, 'a/b'), { recursive: true });
      assert.isBelow(join(path, 'socket/.s.PGSQL.5432').length, 80);
      assert.isFalse(ownerIsDead(/redoubt-(.*)-[^-]*$/.exec(path)?.[1] ?? ''));
    }
    assert.equal(await stat(path).catch(({ code }: NodeJS.ErrnoException) => code), 'ENOENT');
  });

  test('two have different names', async ({ assert }) => {
    await using a = await temporaryDirectory('a test');
    await using b = await temporaryDirectory('a test');
    assert.notEqual(a.path, b.path);
  });
});

test.group('findLeftovers', () => {
  test('finds control groups of the dead, with what runs in them, and ends both', async ({ assert }) => {
    const { memoryParent } = await controlGroups();
    // Nothing is left behind where nothing can be made.
    if (memoryParent === undefined) return;
    const owner = await startOwner();
    const dead = join(memoryParent, `redoubt-${owner.token}-1`);
    const living = join(memoryParent, `redoubt-${ownerToken()}-zz`);
    const other = join(memoryParent, `redoubt-something-${String(process.pid)}`);
    await Promise.all([dead, living, other].map((path) => mkdir(path)));
    const orphan = spawn('sh', ['-c', `echo $$ > ${dead}/cgroup.procs && echo in && exec sleep 1000`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(orphan, 'exit') as Promise<[number | null, string | null]>;
    await once(orphan.stdout, 'data');
    const leftovers = async () => (await findLeftovers()).filter(({ path }) => path.startsWith(memoryParent));
    assert.notDeepInclude(await leftovers(), { kind: 'control-group', path: dead });
    await owner.end();

    const found = await leftovers();
    // Another run on this machine may have been quicker.
    if (existsSync(dead)) assert.deepInclude(found, { kind: 'control-group', path: dead });
    assert.notDeepInclude(found, { kind: 'control-group', path: living });
    assert.notDeepInclude(found, { kind: 'control-group', path: other });

    const mine = found.filter(({ path }) => path === dead);
    await removeLeftovers(mine);
    const [, signal] = await ended;
    assert.equal(signal, 'SIGKILL');
    await removeLeftovers(mine);
    await until(async () => Promise.resolve(!existsSync(dead)));
    await Promise.all([living, other].map((path) => rmdir(path)));
  });
});

test.group('removeTree', () => {
  test('never empties what is mounted inside', async ({ assert }) => {
    await using keep = await temporaryDirectory('what is mounted');
    await mkdir(join(keep.path, 'precious'));
    await using directory = await temporaryDirectory('a tree');
    const place = join(directory.path, 'tree with\ttab', 'mount');
    await mkdir(place, { recursive: true });
    const mount = spawn('mount', ['--bind', keep.path, place], { stdio: 'inherit' });
    await once(mount, 'exit');
    assert.deepEqual(await mountsWithin(directory.path), [place]);
    await removeTree(join(directory.path, 'tree with\ttab'));
    assert.deepEqual(await readdir(directory.path), []);
    assert.deepEqual(await readdir(keep.path), ['precious']);
    assert.deepEqual(await mountsWithin(directory.path), []);
  });

  test('of what is not there is no error', async ({ assert }) => {
    await using directory = await temporaryDirectory('a tree');
    await removeTree(join(directory.path, 'nothing'));
    assert.deepEqual(await readdir(directory.path), []);
  });
});
