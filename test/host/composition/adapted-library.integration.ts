import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { type AdaptedLibrary, adaptLibrary } from '../../../harness/host/composition/adapted-library.ts';
import { shimFunctions } from '../../../harness/host/composition/composition-tools.ts';
import { findLibrary, offeredSymbols } from '../../../harness/host/composition/root-libraries.ts';
import { readElfSections, sectionType } from '../../../harness/host/elf/elf-sections.ts';
import { bufferSource } from '../../../harness/host/elf/elf-source.ts';
import { readVersionPlaces } from '../../../harness/host/elf/elf-symbols.ts';
import { silent } from '../../../harness/host/progress.ts';
import { debianServerRecipe, hostRecipe } from '../../../harness/host/debian/recipes.ts';
import { ensureRoot } from '../../../harness/host/root.ts';

const below = [
  'libc.so.6',
  'libm.so.6',
  'libstdc++.so.6',
  'libgcc_s.so.1',
  'libdl.so.2',
  'libpthread.so.0',
  'ld-linux-x86-64.so.2',
];

async function libicuOf13(): Promise<Buffer> {
  const root = (await ensureRoot(debianServerRecipe(17), silent)).path;
  return readFile(join(root, (await findLibrary(root, 'libicuuc.so.76')) ?? ''));
}

async function adaptedTo(
  host: string,
): Promise<{ readonly original: Buffer; readonly adapted: AdaptedLibrary }> {
  const original = await libicuOf13();
  const root = (await ensureRoot(hostRecipe(host), silent)).path;
  return { original, adapted: adaptLibrary(original, await offeredSymbols(root, below)) };
}

function needed(bytes: Buffer): readonly string[] {
  return readVersionPlaces(bufferSource(bytes)).map(({ version }) => version);
}

test.group('adaptLibrary', () => {
  test('asks an older libc for what it has, and says what it lacks', async ({ assert }) => {
    const { original, adapted } = await adaptedTo('debian:11');
    assert.includeMembers([...needed(original)], ['GLIBC_2.38', 'GLIBC_2.34', 'GLIBCXX_3.4.30']);
    assert.notIncludeMembers([...needed(adapted.bytes)], ['GLIBC_2.38', 'GLIBC_2.34', 'GLIBCXX_3.4.30']);
    assert.includeMembers(
      [...adapted.rebound],
      ['dlopen@GLIBC_2.34', 'fmod@GLIBC_2.38', 'pthread_once@GLIBC_2.34'],
    );
    assert.sameMembers([...adapted.lacking], ['__isoc23_strtol', '__isoc23_strtoul', 'stat']);
    assert.isTrue(adapted.lacking.every((name) => shimFunctions.includes(name)));
    assert.deepEqual(adapted.missingLibraries, []);
  });

  test('changes marks of versions only: code and data stay as they are', async ({ assert }) => {
    const { original, adapted } = await adaptedTo('debian:11');
    const marks = readElfSections(bufferSource(original)).filter(
      ({ type }) => type === sectionType.symbolVersions || type === sectionType.versionsNeeded,
    );
    const changed = [...original.keys()].filter((at) => original[at] !== adapted.bytes[at]);
    assert.isAbove(changed.length, 0);
    assert.deepEqual(
      changed.filter(
        (at) =>
          !marks.some(({ offsetBytes, sizeBytes }) => at >= offsetBytes && at < offsetBytes + sizeBytes),
      ),
      [],
    );
  });

  test('leaves a library alone that finds all it needs', async ({ assert }) => {
    const { original, adapted } = await adaptedTo('debian:13');
    assert.isTrue(original.equals(adapted.bytes));
    assert.deepEqual([...adapted.rebound, ...adapted.lacking, ...adapted.missingLibraries], []);
  });

  test('a library that is not there at all is said', async ({ assert }) => {
    const root = (await ensureRoot(hostRecipe('debian:12'), silent)).path;
    const { missingLibraries } = adaptLibrary(await libicuOf13(), await offeredSymbols(root, ['libc.so.6']));
    assert.includeMembers([...missingLibraries], ['libstdc++.so.6', 'libm.so.6']);
  });
});
