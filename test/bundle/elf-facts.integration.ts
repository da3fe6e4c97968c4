import { join } from 'node:path';

import { test } from '@japa/runner';

import type { ElfFacts } from '../../harness/host/elf/elf-facts.ts';
import { takeInventory } from '../../harness/bundle/inventory/bundle-inventory.ts';
import { FolderTree } from '../../harness/bundle/inventory/folder-tree.ts';
import { openChrootHost } from '../../harness/host/chroot/chroot-host.ts';
import { silent } from '../../harness/host/progress.ts';
import { buildRecipe } from '../../harness/host/debian/recipes.ts';
import { ensureRoot } from '../../harness/host/root.ts';
import { openReference } from './support/reference.ts';

/* GNU readelf reads the same in every program and library of the reference bundle. */

type Told = Omit<ElfFacts, 'comments' | 'interpreter' | 'linkage' | 'opensLibraries' | 'neededVersions'> & {
  readonly neededVersions: readonly string[];
};

test.group('readElfFile against readelf', () => {
  test('reads the same in the programs and libraries of the reference bundle', async ({ assert }) => {
    const { directory } = await openReference();
    const { elves } = takeInventory('chroot', new FolderTree(directory));
    // Of libc's 250 conversions some will do.
    const asked = elves.filter(({ path }, index) => !path.includes('/gconv/') || index % 40 === 0);
    assert.isAbove(asked.length, 300);
    const { name, path } = await ensureRoot(buildRecipe(15), silent);
    await using host = await openChrootHost(name, path);
    const { ending, stdout, stderr } = await host.run({
      argv: [
        '/usr/bin/readelf',
        '--wide',
        '--dynamic',
        '--version-info',
        '--notes',
        ...asked.map(({ path }) => join('/bundle', path)),
      ],
      env: { LC_ALL: 'C' },
      mounts: [{ source: directory, target: '/bundle', readOnly: true }],
      limits: { outputBytes: 2 ** 28 },
    });
    // It ends with 1 where a file's sections are not as it likes them; all that is asked for is told.
    assert.equal(ending.kind, 'exited', stderr);
    const blocks = stdout.toString('utf8').split(/^File: \/bundle/m);
    const told = new Map(blocks.map((block) => [block.slice(0, block.indexOf('\n')), block]));
    for (const { path, elf } of asked) {
      if (elf.kind === 'foreign') throw new Error(`${path} is for ${elf.identity.machine}`);
      assert.deepEqual(ours(elf.facts), theirs(told.get(path) ?? ''), path);
    }
  });
});

function ours(facts: ElfFacts): Told {
  const { soname, needed, rpath, runpath, neededVersions, definedVersions, kernelFloor, buildId } = facts;
  return {
    soname,
    needed,
    rpath,
    runpath,
    neededVersions: neededVersions.map(({ library, version }) => `${library} ${version}`),
    definedVersions,
    kernelFloor,
    buildId,
  };
}

function theirs(block: string): Told {
  const all = (pattern: RegExp): readonly string[] =>
    [...block.matchAll(pattern)].map(([, word = '']) => word);
  const needs = block.slice(block.indexOf('Version needs section'));
  let library = '';
  const neededVersions = needs.startsWith('Version needs section')
    ? [...needs.matchAll(/ File: (\S+) {2}Cnt|: +Name: (\S+) {2}Flags/g)].flatMap(([, file, version]) => {
        library = file ?? library;
        return version === undefined ? [] : [`${library} ${version}`];
      })
    : [];
  return {
    soname: all(/Library soname: \[(.*)\]/g)[0],
    needed: all(/\(NEEDED\) +Shared library: \[(.*)\]/g),
    rpath: all(/Library rpath: \[(.*)\]/g)[0],
    runpath: all(/Library runpath: \[(.*)\]/g)[0],
    neededVersions,
    definedVersions: all(/Rev: 1 {2}Flags: (?:none|WEAK) +Index: \d+ {2}Cnt: \d+ {2}Name: (\S+)/g),
    kernelFloor: all(/OS: Linux, ABI: ([\d.]+)/g)[0],
    buildId: all(/Build ID: ([0-9a-f]+)/g)[0],
  };
}
