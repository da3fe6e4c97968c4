import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { test } from '@japa/runner';

import { ownerIsDead, ownerToken } from '../../harness/host/owner.ts';

test.group('ownerToken', () => {
  test('names this process, which is alive', ({ assert }) => {
    assert.equal(ownerToken(), ownerToken());
    assert.isFalse(ownerIsDead(ownerToken()));
  });

  test('knows a process that has ended', async ({ assert }) => {
    const child = spawn('true');
    const [pid, , namespace] = ownerToken().split('-');
    await once(child, 'exit');
    const token = ownerToken().replace(`${pid}-`, `${child.pid?.toString(36)}-`);
    assert.isTrue(ownerIsDead(token), `${token} in ${namespace}`);
  });

  test('takes a pid that was given to another process for dead', ({ assert }) => {
    const [pid, startTicks = '', namespace] = ownerToken().split('-');
    const other = (Number.parseInt(startTicks, 36) - 1).toString(36);
    assert.isTrue(ownerIsDead([pid, other, namespace].join('-')));
  });

  test('does not judge processes of another pid namespace', ({ assert }) => {
    const [pid, startTicks] = ownerToken().split('-');
    assert.isUndefined(ownerIsDead([pid, startTicks, '1'].join('-')));
  });

  test('does not judge what is no token: {$self}')
    .with(['', 'x', '1-2', '1-2-3-4', '../etc', 'A-B-C'])
    .run(({ assert }, name) => {
      assert.isUndefined(ownerIsDead(name));
    });
});
