import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { RedoubtError } from '../../../harness/error.ts';
import { openChrootHost } from '../../../harness/host/chroot/chroot-host.ts';
import { findLibrary } from '../../../harness/host/composition/root-libraries.ts';
import { bufferSource } from '../../../harness/host/elf/elf-source.ts';
import { type ElfSymbol, readElfSymbols, readVersionPlaces } from '../../../harness/host/elf/elf-symbols.ts';
import { silent } from '../../../harness/host/progress.ts';
import { buildRecipe, debianServerRecipe } from '../../../harness/host/debian/recipes.ts';
import { ensureRoot } from '../../../harness/host/root.ts';

const libraries = ['libc.so.6', 'libstdc++.so.6', 'libicuuc.so.76', 'libxml2.so.2', 'libm.so.6'];

test.group('readElfSymbols against readelf', () => {
  test('reads the same symbols with the same versions', async ({ assert }) => {
    const root = (await ensureRoot(debianServerRecipe(17), silent)).path;
    const build = await ensureRoot(buildRecipe(15), silent);
    await using host = await openChrootHost(build.name, build.path);
    for (const name of libraries) {
      const path = (await findLibrary(root, name)) ?? '';
      const { stdout, stderr } = await host.run({
        argv: ['/usr/bin/readelf', '--wide', '--dyn-syms', join('/asked', path)],
        env: { LC_ALL: 'C' },
        mounts: [{ source: root, target: '/asked', readOnly: true }],
        limits: { outputBytes: 2 ** 26 },
      });
      const ours = readElfSymbols(bufferSource(await readFile(join(root, path))))
        .filter(({ name, version }) => name !== version)
        .map(inWords);
      assert.isAbove(ours.length, 100, stderr);
      assert.deepEqual(ours, theirs(stdout.toString('utf8')), name);
    }
  });

  test('a damaged library is refused, or read as something else, and nothing else happens', async ({
    assert,
  }) => {
    const root = (await ensureRoot(debianServerRecipe(13), silent)).path;
    const bytes = await readFile(join(root, (await findLibrary(root, 'libdl.so.2')) ?? ''));
    const read = (damaged: Buffer): void => {
      try {
        readElfSymbols(bufferSource(damaged));
        readVersionPlaces(bufferSource(damaged));
      } catch (error) {
        assert.instanceOf(error, RedoubtError);
        assert.equal((error as RedoubtError).code, 'elf-invalid');
      }
    };
    for (let length = 0; length < bytes.length; length += 61) read(bytes.subarray(0, length));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        (changes) => {
          const damaged = Buffer.from(bytes);
          for (const [at, value] of changes) damaged[at] = value;
          read(damaged);
        },
      ),
      { numRuns: 300 },
    );
  });
});

function inWords({ name, isDefined, isWeak, kind, version, isDefault }: ElfSymbol): string {
  const mark = version === undefined ? '' : `${isDefined && isDefault ? '@@' : '@'}${version}`;
  return [isDefined ? 'defined' : 'needed', isWeak ? 'weak' : 'strong', kind, `${name}${mark}`].join(' ');
}

const kinds: Readonly<Record<string, string>> = {
  FUNC: 'function',
  IFUNC: 'function',
  OBJECT: 'data',
  TLS: 'data',
};

function theirs(text: string): readonly string[] {
  return (
    [...text.matchAll(/^ *\d+: \w+ +\w+ (\w+) +(\w+) +\w+ +(\w+) ?(\S*)/gm)]
      .slice(1)
      // The names of the versions themselves, which readelf shows without one.
      .filter(([, , , section]) => section !== 'ABS')
      .map(([, type = '', binding = '', section = '', name = '']) =>
        [
          section === 'UND' ? 'needed' : 'defined',
          binding === 'WEAK' ? 'weak' : 'strong',
          kinds[type] ?? 'other',
          name,
        ].join(' '),
      )
  );
}
