import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';
import { execa } from 'execa';

import { FolderTree } from '../../../harness/bundle/inventory/folder-tree.ts';
import { type FileTree, walkTree } from '../../../harness/bundle/inventory/file-tree.ts';
import { resolveFile, resolvePath } from '../../../harness/bundle/inventory/resolve-path.ts';
import { readTarballTree } from '../../../harness/bundle/inventory/tarball-tree.ts';
import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { rejection } from '../../host/support/rejection.ts';
import { buildVersionedElf } from '../../host/support/versioned-elf-builder.ts';

/* A folder and its tarball are one tree, and no link leads out of either. */

async function makeFolder(folder: string): Promise<void> {
  await mkdir(join(folder, 'bin'), { recursive: true });
  await mkdir(join(folder, 'etc'));
  await mkdir(join(folder, 'tzdata'));
  await writeFile(join(folder, 'bin/p'), buildVersionedElf({ type: 2, comments: ['GCC: 14'] }), {
    mode: 0o755,
  });
  await writeFile(join(folder, 'bin/script'), '#!/bin/p -x\nrest\n', { mode: 0o755 });
  await writeFile(join(folder, 'etc/passwd'), 'nobody:x:65534:65534::/:\n');
  await writeFile(join(folder, 'etc/other'), 'no one asks for it\n');
  await writeFile(join(folder, 'tzdata/UTC'), 'TZif2 and so on');
  await writeFile(join(folder, 'empty'), '');
  await symlink('../bin/p', join(folder, 'etc/inside'));
  await symlink('/etc/passwd', join(folder, 'etc/absolute'));
  await symlink('turn-back', join(folder, 'turn'));
  await symlink('turn', join(folder, 'turn-back'));
}

function told(tree: FileTree): unknown {
  return [...walkTree(tree)].map(([path, entry]) => [path, entry, tree.content(path)]);
}

test.group('trees', () => {
  test('of a folder and of its tarball are the same, links of files to one file included', async ({
    assert,
  }) => {
    await using scratch = await temporaryDirectory('a tree');
    const folder = join(scratch.path, 'folder');
    await makeFolder(folder);
    await execa('ln', [join(folder, 'bin/p'), join(folder, 'bin/twin')]);
    for (const [name, options] of [
      ['tree.tar', []],
      ['tree.tar.gz', ['--gzip']],
    ] as const) {
      const tarball = join(scratch.path, name);
      await execa('tar', [
        '--create',
        ...options,
        `--file=${tarball}`,
        '--sort=name',
        `--directory=${folder}`,
        '.',
      ]);
      assert.deepEqual(told(await readTarballTree(tarball)), told(new FolderTree(folder)), name);
    }
    const tree = new FolderTree(folder);
    assert.equal(tree.content('/bin/script').kind, 'script');
    assert.equal(tree.content('/tzdata/UTC').kind, 'time-zone');
    assert.equal(tree.content('/etc/other').kind, 'other');
    assert.deepEqual(tree.content('/bin/twin'), tree.content('/bin/p'));
  });

  test('links are walked inside, and never by the machine', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a tree');
    const folder = join(scratch.path, 'folder');
    await makeFolder(folder);
    await mkdir(join(scratch.path, 'outside'));
    await writeFile(join(scratch.path, 'outside/secret'), '#!/bin/sh\n');
    await symlink('../outside', join(folder, 'out'));
    const tree = new FolderTree(folder);
    assert.equal(resolveFile(tree, '/etc/inside'), '/bin/p');
    // As in a chroot: its own /etc/passwd, not the machine's.
    assert.equal(resolveFile(tree, '/etc/absolute'), '/etc/passwd');
    assert.deepEqual(resolvePath(tree, '/turn'), { kind: 'loop' });
    assert.deepEqual(resolvePath(tree, '/etc/passwd/x'), { kind: 'missing', path: '/etc/passwd' });
    // `..` at the root stays there, so that this leads to nothing.
    assert.deepEqual(resolvePath(tree, '/out/secret'), { kind: 'missing', path: '/outside' });
    assert.isUndefined(tree.entry('/out/secret'));
    assert.deepEqual(tree.content('/out/secret'), { kind: 'other' });
  });

  test('of a tarball that would be refused are refused', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a tree');
    const folder = join(scratch.path, 'folder');
    await makeFolder(folder);
    await symlink('../../etc', join(folder, 'out'));
    const tarball = join(scratch.path, 'hostile.tar');
    await execa('tar', ['--create', `--file=${tarball}`, `--directory=${folder}`, '.']);
    const error = await rejection(readTarballTree(tarball));
    assert.equal(error.kind, 'usage');
    assert.match(error.message, /hostile\.tar.*"\.?\/?out".*\.\.\/\.\.\/etc/);
  });
});
