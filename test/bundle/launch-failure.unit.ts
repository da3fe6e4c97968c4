import { test } from '@japa/runner';

import { launchFailure } from '../../harness/bundle/launch-failure.ts';
import { toError } from '../../harness/host/chroot/chroot-event.ts';

function refused(step: string, path: string, errno: string, message: string): string | undefined {
  return launchFailure(toError({ event: 'failed', step, path, errno, message }, 'bare'));
}

test.group('launchFailure', () => {
  test("says in the bundle's terms what the kernel refused", ({ assert }) => {
    const program = '/bundle/v17/bin/postgres';
    assert.equal(
      refused('exec interpreter', program, 'ENOENT', 'No such file or directory'),
      'cannot run /bundle/v17/bin/postgres in bare: the interpreter or loader that it names is not there, and it needs one of the host',
    );
    assert.equal(
      refused('exec', program, 'ENOENT', 'No such file or directory'),
      'cannot run /bundle/v17/bin/postgres in bare: there is no such file',
    );
    assert.match(
      refused('exec', program, 'ENOEXEC', 'Exec format error') ?? '',
      /no program for this machine \(exec format error\)/,
    );
    assert.match(refused('exec', '/LAUNCHER', 'EACCES', 'Permission denied') ?? '', /Permission denied/);
  });

  test('leaves alone what is no fault of the bundle', ({ assert }) => {
    assert.isUndefined(refused('exec', '/usr/bin/postgres', 'ENOENT', 'No such file or directory'));
    assert.isUndefined(refused('bind', '/bundle', 'ENOENT', 'No such file or directory'));
    assert.isUndefined(launchFailure(new TypeError('another')));
  });
});
