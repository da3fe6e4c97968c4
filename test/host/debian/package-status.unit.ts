import { test } from '@japa/runner';

import { parsePackageStatus } from '../../../harness/host/debian/package-status.ts';

test.group('parsePackageStatus', () => {
  test('lists installed packages by name, not removed or half-installed ones', ({ assert }) => {
    const status = [
      'Package: zlib1g\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:1.2.13.dfsg-1\nDescription: x\n Version: 9\n',
      'Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n',
      'Package: broken\nStatus: install ok half-installed\nVersion: 1\n',
      'Package: bash\nVersion: 5.2-1\nStatus: install ok installed\n',
      '',
    ].join('\n');
    const packages = parsePackageStatus(status);
    assert.deepEqual(packages, { bash: '5.2-1', zlib1g: '1:1.2.13.dfsg-1' });
    assert.deepEqual(Object.keys(packages), ['bash', 'zlib1g']);
  });

  test('finds nothing in an empty file', ({ assert }) => {
    assert.deepEqual(parsePackageStatus(''), {});
  });
});
