import { test } from '@japa/runner';

import { launch } from '../../harness/bundle/launch.ts';
import type { Bundle } from '../../harness/bundle/open.ts';
import { codeOf } from '../support/error-code.ts';

/** A folder that certainly exists stands for the unpacked bundle: this file's own. */
function bundle(layout: Bundle['layout'], directory: string = import.meta.dirname): Bundle {
  return { source: 'bundle.tar', digest: '0', layout, directory };
}

test.group('launch', () => {
  test('runs LAUNCHER in a chroot, with nothing in its environment', ({ assert }) => {
    assert.deepEqual(launch(bundle('chroot', '/cache/b'), 17, 'postgres', ['--wal-redo']), {
      argv: ['/LAUNCHER', 'v17', 'postgres', '--wal-redo'],
      env: {},
      chroot: '/cache/b',
      mounts: [],
    });
  });

  test('takes another word for the version', ({ assert }) => {
    assert.deepEqual(launch(bundle('chroot'), 17, 'initdb', [], '17').argv, ['/LAUNCHER', '17', 'initdb']);
  });

  test('runs today’s tarball in the host’s root, with its own libraries first', ({ assert }) => {
    const directory = import.meta.dirname;
    assert.deepEqual(launch(bundle('pg-install'), 17, 'postgres', ['--wal-redo'], 'support'), {
      argv: ['/bundle/support/bin/postgres', '--wal-redo'],
      env: { LD_LIBRARY_PATH: '/bundle/support/lib' },
      mounts: [{ source: directory, target: '/bundle', readOnly: true }],
    });
  });

  test('runs static programs without any environment', ({ assert }) => {
    const { argv, env, chroot } = launch(bundle('static'), 17, 'initdb', ['-V'], 'support');
    assert.deepEqual(argv, ['/bundle/support/initdb', '-V']);
    assert.deepEqual(env, {});
    assert.isUndefined(chroot);
  });

  test('says when the folder of a major is not there', ({ assert }) => {
    assert.equal(
      codeOf(() => launch(bundle('pg-install'), 16, 'postgres', [])),
      'major-missing',
    );
    assert.throws(() => launch(bundle('static'), 16, 'postgres', []), /bundle\.tar has no v16/);
  });
});
