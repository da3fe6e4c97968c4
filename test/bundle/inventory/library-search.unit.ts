import { test } from '@japa/runner';

import type { ElfFacts } from '../../../harness/host/elf/elf-facts.ts';
import type { FileTree } from '../../../harness/bundle/inventory/file-tree.ts';
import {
  loadModule,
  loadProgram,
  type LoadedProcess,
  type LoaderSetting,
} from '../../../harness/bundle/inventory/library-search.ts';
import { type MadeEntry, makeTree } from '../support/made-tree.ts';
import { buildVersionedElf, type VersionedElfContent } from '../../host/support/versioned-elf-builder.ts';

function elf(content: VersionedElfContent): MadeEntry {
  return { bytes: buildVersionedElf(content), mode: 0o755 };
}

function program(content: VersionedElfContent): MadeEntry {
  return elf({ type: 3, isPie: true, interpreter: '/lib/ld.so', ...content });
}

function factsAt(tree: FileTree, path: string): ElfFacts {
  const content = tree.content(path);
  if (content.kind !== 'elf' || content.elf.kind === 'foreign') throw new Error(`${path} is no program`);
  return content.elf.facts;
}

function load(
  entries: Readonly<Record<string, MadeEntry>>,
  setting: Partial<LoaderSetting> = {},
): LoadedProcess {
  const tree = makeTree(entries);
  return loadProgram(
    { tree, libraryPath: [], defaultFolders: ['/lib'], hasProc: false, ...setting },
    '/bin/p',
    factsAt(tree, '/bin/p'),
  );
}

function paths({ objects }: LoadedProcess): readonly string[] {
  return objects.map(({ path }) => path);
}

/** What needs one version of symbols of one library. */
function needed(version: string, isWeak = false): VersionedElfContent {
  return {
    needed: ['liba.so.1'],
    neededVersions: [{ library: 'liba.so.1', versions: [{ name: version, isWeak }] }],
  };
}

const plain = elf({ soname: 'liba.so.1' });

test.group('loadProgram', () => {
  test('looks in RPATH, LD_LIBRARY_PATH, RUNPATH and the default folders, in this order', ({ assert }) => {
    const everywhere = {
      '/rpath/liba.so.1': plain,
      '/given/liba.so.1': plain,
      '/runpath/liba.so.1': plain,
      '/lib/liba.so.1': plain,
    };
    const needs = { needed: ['liba.so.1'] };
    const withPath = { libraryPath: ['/given'] };
    assert.deepEqual(
      paths(load({ '/bin/p': program({ ...needs, rpath: '/rpath' }), ...everywhere }, withPath)),
      ['/bin/p', '/rpath/liba.so.1'],
    );
    // DT_RUNPATH makes the loader pass over DT_RPATH.
    assert.deepEqual(
      paths(
        load(
          { '/bin/p': program({ ...needs, rpath: '/rpath', runpath: '/runpath' }), ...everywhere },
          withPath,
        ),
      ),
      ['/bin/p', '/given/liba.so.1'],
    );
    assert.deepEqual(paths(load({ '/bin/p': program({ ...needs, runpath: '/runpath' }), ...everywhere })), [
      '/bin/p',
      '/runpath/liba.so.1',
    ]);
    assert.deepEqual(paths(load({ '/bin/p': program(needs), ...everywhere })), ['/bin/p', '/lib/liba.so.1']);
  });

  test('RPATH of the program serves its libraries, RUNPATH does not', ({ assert }) => {
    const tree = {
      '/own/liba.so.1': elf({ soname: 'liba.so.1', needed: ['libb.so.1'] }),
      '/own/libb.so.1': elf({ soname: 'libb.so.1' }),
    };
    assert.deepEqual(
      load({ '/bin/p': program({ needed: ['liba.so.1'], rpath: '/own' }), ...tree }).missing,
      [],
    );
    const [missing] = load({
      '/bin/p': program({ needed: ['liba.so.1'], runpath: '/own' }),
      ...tree,
    }).missing;
    assert.deepEqual(missing, {
      library: 'libb.so.1',
      neededBy: '/own/liba.so.1',
      searched: ['/lib'],
      needsProc: false,
    });
  });

  test('a library that is there already serves everyone who asks for it by its name', ({ assert }) => {
    const process = load({
      '/bin/p': program({ needed: ['liba.so.1', 'libb.so.1'], rpath: '/own' }),
      // It would find nothing by itself.
      '/own/liba.so.1': elf({ soname: 'liba.so.1', needed: ['libb.so.1'], runpath: '/nowhere' }),
      '/own/libb.so.1': elf({ soname: 'libb.so.1' }),
    });
    assert.deepEqual(process.missing, []);
    assert.deepEqual(paths(process), ['/bin/p', '/own/liba.so.1', '/own/libb.so.1']);
  });

  test('$ORIGIN is the folder of a library, and that of a program only with /proc', ({ assert }) => {
    const tree = {
      '/bin/p': program({ needed: ['liba.so.1'], runpath: '$ORIGIN/../own' }),
      '/own/liba.so.1': elf({ soname: 'liba.so.1', needed: ['libb.so.1'], runpath: '${ORIGIN}' }),
      '/own/libb.so.1': elf({ soname: 'libb.so.1' }),
    };
    assert.deepEqual(load(tree, { hasProc: true }).missing, []);
    assert.deepEqual(load(tree).missing, [
      { library: 'liba.so.1', neededBy: '/bin/p', searched: ['/lib'], needsProc: true },
    ]);
  });

  test('links are followed, and what is for another machine or damaged is passed over', ({ assert }) => {
    const process = load(
      {
        '/bin/p': program({ needed: ['liba.so.1'] }),
        '/first/liba.so.1': elf({ soname: 'liba.so.1', machine: 183 }),
        '/second/liba.so.1': { bytes: buildVersionedElf({ soname: 'liba.so.1' }).subarray(0, 100) },
        '/third/liba.so.1': { link: '../real/liba.so.1.2' },
        '/real/liba.so.1.2': plain,
      },
      { defaultFolders: ['/first', '/second', '/third'] },
    );
    assert.deepEqual(paths(process), ['/bin/p', '/real/liba.so.1.2']);
  });

  test('says which version of symbols a library does not define, but not of weak ones', ({ assert }) => {
    const tree = { '/lib/liba.so.1': elf({ soname: 'liba.so.1', definedVersions: ['liba.so.1', 'A_1'] }) };
    assert.deepEqual(load({ '/bin/p': program(needed('A_1')), ...tree }).missingVersions, []);
    assert.deepEqual(load({ '/bin/p': program(needed('A_2', true)), ...tree }).missingVersions, []);
    assert.deepEqual(load({ '/bin/p': program(needed('A_2')), ...tree }).missingVersions, [
      { version: 'A_2', library: 'liba.so.1', path: '/lib/liba.so.1', neededBy: '/bin/p' },
    ]);
  });
});

test.group('loadModule', () => {
  test('a module finds what the process has, and by RPATH of the program', ({ assert }) => {
    const tree = makeTree({
      '/bin/p': program({ needed: ['liba.so.1'], rpath: '/own' }),
      '/own/liba.so.1': plain,
      '/own/libb.so.1': elf({ soname: 'libb.so.1' }),
      '/modules/m.so': elf({ needed: ['liba.so.1', 'libb.so.1', 'libc.so.1'] }),
      '/modules/n.so': elf({ needed: ['liba.so.1', 'libb.so.1'], runpath: '/nowhere' }),
    });
    const setting = { tree, libraryPath: [], defaultFolders: [], hasProc: false };
    const server = loadProgram(setting, '/bin/p', factsAt(tree, '/bin/p'));
    const open = (path: string): LoadedProcess => loadModule(setting, server, path, factsAt(tree, path));
    assert.deepEqual(paths(open('/modules/m.so')), ['/modules/m.so', '/own/libb.so.1']);
    assert.deepEqual(
      open('/modules/m.so').missing.map(({ library }) => library),
      ['libc.so.1'],
    );
    // A RUNPATH of its own keeps it from the program's folders.
    assert.deepEqual(
      open('/modules/n.so').missing.map(({ library, searched }) => [library, searched]),
      [['libb.so.1', ['/nowhere']]],
    );
  });
});
