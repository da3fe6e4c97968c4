import { test } from '@japa/runner';

import { shell } from './support/shared-host.ts';

test.group('what a process is born with', () => {
  test('the usual', async ({ assert }) => {
    const { stdout } = await shell(
      'umask; echo $0; ulimit -n; ulimit -s; ulimit -c; ls /dev; test -e /dev/fd',
    );
    assert.equal(stdout, '0022\n/bin/sh\n1024\n8192\n0\nnull\nurandom\nzero');
  });

  test('another mask, name and limits', async ({ assert }) => {
    const { stdout } = await shell('umask; echo $0; ulimit -n; ulimit -s; ulimit -v', {
      circumstances: {
        umask: 0o77,
        argv0: '-odd name',
        resourceLimits: { 'open-files': 64, stack: 2 ** 20, 'address-space': 2 ** 32 },
      },
    });
    assert.equal(stdout, '0077\n-odd name\n64\n1024\n4194304');
  });

  test('no limit is as much as the machine allows', async ({ assert }) => {
    const { stdout } = await shell('test "$(ulimit -s)" = "$(ulimit -H -s)" && echo same', {
      circumstances: { resourceLimits: { stack: 'unlimited' } },
    });
    assert.equal(stdout, 'same');
  });

  test('no devices', async ({ assert }) => {
    const { stdout } = await shell('ls -A /dev; echo end', { circumstances: { devices: 'none' } });
    assert.equal(stdout, 'end');
  });

  test('open descriptors, which lead nowhere', async ({ assert }) => {
    const script = 'for i in 3 4 5 6 7; do (true <&$i) 2>/dev/null && echo $i; done';
    const { stdout } = await shell(script, { circumstances: { inheritedDescriptors: 3 } });
    assert.equal(stdout, '3\n4\n5');
    assert.equal((await shell(script)).stdout, '');
  });

  test('a standard input that is closed', async ({ assert }) => {
    const script = 'cat 2>/dev/null; echo $?';
    assert.equal((await shell(script, { stdin: { kind: 'closed' } })).stdout, '1');
    assert.equal((await shell(script)).stdout, '0');
  });
});
