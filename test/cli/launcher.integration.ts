import { chmod, copyFile, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { test } from '@japa/runner';
import { execa, type Options } from 'execa';

import { temporaryDirectory } from '../../harness/host/run-directory.ts';

/*
 * The launcher at the root, in a checkout of its own: a main.ts that prints what it is given, and one package that lies beside it,
 * for which npm needs no network.
 */

const launcher = join(import.meta.dirname, '../../redoubt');

interface Checkout extends AsyncDisposable {
  /** Its name has a blank. */
  readonly path: string;
  run(options?: Options, ...args: readonly string[]): ReturnType<typeof runLauncher>;
}

async function makeCheckout(): Promise<Checkout> {
  const scratch = await temporaryDirectory('a checkout');
  await chmod(scratch.path, 0o755);
  const path = join(scratch.path, 'a checkout');
  await mkdir(join(path, 'harness/cli'), { recursive: true });
  await copyFile(launcher, join(path, 'redoubt'));
  await writeFile(
    join(path, 'harness/cli/main.ts'),
    'const words: readonly string[] = process.argv.slice(2);\nconsole.log(JSON.stringify(words));\n',
  );
  await mkdir(join(path, 'part'));
  await writeFile(join(path, 'part/package.json'), JSON.stringify({ name: 'part', version: '1.0.0' }));
  await writeFile(join(path, 'package.json'), JSON.stringify({ ...project, type: 'module' }));
  await writeLock(path, project);
  return {
    path,
    run: (options = {}, ...args) => runLauncher(join(path, 'redoubt'), args, options),
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
}

const project = { name: 'checkout', version: '1.0.0', dependencies: { part: 'file:part' } };

async function writeLock(path: string, root: object): Promise<void> {
  const packages = {
    '': root,
    part: { version: '1.0.0' },
    'node_modules/part': { resolved: 'part', link: true },
  };
  const lock = { name: 'checkout', version: '1.0.0', lockfileVersion: 3, packages };
  await writeFile(join(path, 'package-lock.json'), JSON.stringify(lock));
}

async function runLauncher(file: string, args: readonly string[], options: Options) {
  const { exitCode, stdout, stderr } = await execa(file, args, {
    reject: false,
    stdin: 'ignore',
    ...options,
    env: { REDOUBT_NODE: process.execPath, ...options.env },
  });
  return { exitCode, stdout: String(stdout), stderr: String(stderr) };
}

const installs = 'redoubt: installing the npm packages';

test.group('the launcher', () => {
  test('installs once, and hands over arguments as they are', async ({ assert }) => {
    await using checkout = await makeCheckout();
    const first = await checkout.run({}, 'gate', '--report', 'a b', '*');
    assert.deepEqual([first.exitCode, first.stdout], [0, '["gate","--report","a b","*"]']);
    assert.include(first.stderr, installs);
    assert.notInclude((await checkout.run()).stderr, installs);
    await writeLock(checkout.path, { ...project, license: 'Apache-2.0' });
    assert.include((await checkout.run()).stderr, installs);
  });

  test('is found through symbolic links, from any folder', async ({ assert }) => {
    await using checkout = await makeCheckout();
    await mkdir(join(checkout.path, '../bin'));
    const link = join(checkout.path, '../bin/redoubt');
    await symlink('../a checkout/redoubt', link);
    const { exitCode, stdout } = await runLauncher(link, ['hosts'], { cwd: '/' });
    assert.deepEqual([exitCode, stdout], [0, '["hosts"]']);
    const byName = await runLauncher('redoubt', ['hosts'], {
      cwd: '/',
      env: { PATH: `${dirname(link)}:${process.env['PATH'] ?? ''}` },
    });
    assert.equal(byName.stdout, '["hosts"]');
  });

  test('installs once when two begin at once', async ({ assert }) => {
    await using checkout = await makeCheckout();
    const both = await Promise.all([checkout.run({}, 'one'), checkout.run({}, 'two')]);
    assert.deepEqual(
      both.map(({ exitCode, stdout }) => [exitCode, stdout]),
      [
        [0, '["one"]'],
        [0, '["two"]'],
      ],
    );
    assert.lengthOf(
      both.filter(({ stderr }) => stderr.includes(installs)),
      1,
    );
  });

  test('says that npm failed, with exit 3, and tries again the next time', async ({ assert }) => {
    await using checkout = await makeCheckout();
    await writeFile(
      join(checkout.path, 'package.json'),
      JSON.stringify({ dependencies: { missing: '1.0.0' } }),
    );
    for (let time = 0; time < 2; time += 1) {
      const { exitCode, stdout, stderr } = await checkout.run({}, 'gate');
      assert.deepEqual([exitCode, stdout], [3, '']);
      assert.match(stderr, /npm ci failed in .*\/a checkout: see its words above/);
    }
  });

  test('says that npm is missing, with exit 3', async ({ assert }) => {
    await using checkout = await makeCheckout();
    const bin = join(checkout.path, '../bin');
    await mkdir(bin);
    for (const name of ['cmp', 'dirname', 'flock', 'readlink'])
      await symlink(`/usr/bin/${name}`, join(bin, name));
    const { exitCode, stderr } = await checkout.run({ env: { PATH: bin } });
    assert.equal(exitCode, 3);
    assert.match(stderr, /npm is missing: install Node\.js with npm/);
  });

  test('runs from a checkout that cannot be written, and says what is missing there', async ({ assert }) => {
    await using checkout = await makeCheckout();
    const mount = 'mount --bind -o ro "$1" "$1" && cd / && exec "$1/redoubt" hosts';
    const readOnly = () => runLauncher('unshare', ['--mount', 'sh', '-c', mount, 'sh', checkout.path], {});
    const early = await readOnly();
    assert.deepEqual([early.exitCode, early.stdout], [3, '']);
    assert.match(
      early.stderr,
      /^redoubt: the npm packages are missing or old, and .*\/a checkout cannot be written/,
    );
    await checkout.run();
    const before = await readdir(checkout.path);
    const ready = await readOnly();
    assert.deepEqual([ready.exitCode, ready.stdout], [0, '["hosts"]']);
    assert.deepEqual(await readdir(checkout.path), before);
  });

  test('says that no Node is new enough, with exit 3', async ({ assert }) => {
    await using checkout = await makeCheckout();
    await checkout.run();
    const old = join(checkout.path, '../node');
    await writeFile(old, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const { exitCode, stderr } = await checkout.run({
      env: { REDOUBT_NODE: old, PATH: '/usr/sbin:/sbin:/nowhere' },
    });
    assert.equal(exitCode, 3);
    assert.match(stderr, /no Node\.js of version 24 or newer|not found/);
  });
});
