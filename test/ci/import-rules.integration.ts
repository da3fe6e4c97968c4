import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { test } from '@japa/runner';
import { execa } from 'execa';

import { temporaryDirectory } from '../../harness/host/run-directory.ts';

const root = join(import.meta.dirname, '../..');

/** What oxlint says of a tree of these files, each with one import, under the project's own rules. */
async function lint(files: Readonly<Record<string, string>>): Promise<string> {
  await using tree = await temporaryDirectory('a tree to lint');
  await copyFile(join(root, 'oxlint.config.ts'), join(tree.path, 'oxlint.config.ts'));
  await symlink(join(root, 'node_modules'), join(tree.path, 'node_modules'));
  for (const [file, imported] of Object.entries(files)) {
    await mkdir(dirname(join(tree.path, file)), { recursive: true });
    await writeFile(
      join(tree.path, file),
      `import { value } from '${imported}';\nexport const other = value + 1;\n`,
    );
  }
  const { stdout, stderr } = await execa('oxlint', ['--format=json', 'harness'], {
    cwd: tree.path,
    preferLocal: true,
    localDir: root,
    reject: false,
  });
  return `${stdout}\n${stderr}`;
}

test.group('import rules between folders', () => {
  test('forbid what the table does not allow, at every depth', async ({ assert }) => {
    const said = await lint({
      'harness/wal/a.ts': '../page/b.ts',
      'harness/host/docker/a.ts': '../../gate/b.ts',
      'harness/redo/a.ts': '../../test/b.ts',
      'harness/gate/a.ts': '../matrix/b.ts',
    });
    assert.include(said, 'harness/wal may import only error.ts of harness');
    for (const file of [
      'harness/wal/a.ts',
      'harness/host/docker/a.ts',
      'harness/redo/a.ts',
      'harness/gate/a.ts',
    ])
      assert.match(said, new RegExp(`"filename": *"${file}"`));
  });

  test('allow what it does, and what lies in the folder itself', async ({ assert }) => {
    const said = await lint({
      'harness/redo/a.ts': '../wal/b.ts',
      'harness/host/docker/a.ts': '../elf/b.ts',
      'harness/host/docker/c.ts': '../../error.ts',
      'harness/cli/a.ts': '../matrix/b.ts',
      'harness/matrix/b.ts': './c.ts',
    });
    assert.notInclude(said, 'may import only');
  });

  test('know every folder, or fail', async ({ assert }) => {
    assert.include(await lint({ 'harness/new/a.ts': './b.ts' }), 'does not say what harness/new may import');
  });
});
