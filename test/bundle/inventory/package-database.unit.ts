import { test } from '@japa/runner';

import { readPackageDatabase } from '../../../harness/bundle/inventory/package-database.ts';
import { makeTree } from '../support/made-tree.ts';

const status = ['libicu76', 'tzdata']
  .map((name) => `Package: ${name}\nStatus: install ok installed\nVersion: 1:7-2\n`)
  .join('\n');

test.group('readPackageDatabase', () => {
  test("tells the owner of a file by dpkg's lists, whichever name its folder has there", ({ assert }) => {
    const { packages, ownerOf } = readPackageDatabase(
      makeTree({
        '/etc/os-release': { link: '../usr/lib/os-release' },
        '/usr/lib/os-release': { bytes: 'NAME="Ubuntu"\nID=ubuntu\nVERSION_CODENAME=noble\n' },
        '/var/lib/dpkg/status': { bytes: status },
        '/var/lib/dpkg/info/libicu76:amd64.list': { bytes: '/.\n/lib/x86_64-linux-gnu/libicuuc.so.76.1\n' },
        '/var/lib/dpkg/info/gone.list': { bytes: '/usr/bin/gone\n' },
      }),
    );
    const icu = { name: 'libicu76', version: '1:7-2', distro: 'ubuntu', suite: 'noble' };
    assert.deepEqual(ownerOf('/usr/lib/x86_64-linux-gnu/libicuuc.so.76.1'), icu);
    assert.isUndefined(ownerOf('/usr/bin/gone'));
    assert.deepEqual(packages, [icu, { ...icu, name: 'tzdata' }]);
  });

  test('has nothing where there are no records', ({ assert }) => {
    assert.deepEqual(readPackageDatabase(makeTree({})).packages, []);
  });
});
