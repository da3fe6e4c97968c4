import { test } from '@japa/runner';

import { describeEnding } from '../../harness/host/describe-ending.ts';

test.group('describeEnding', () => {
  test('says how a process ended', ({ assert }) => {
    assert.equal(describeEnding({ kind: 'exited', exitCode: 1 }), 'exited with code 1');
    assert.equal(
      describeEnding({ kind: 'signaled', signal: 'SIGSEGV', coreDumped: false }),
      'was killed by SIGSEGV',
    );
    for (const limit of ['wall-time', 'memory', 'output'] as const)
      assert.equal(describeEnding({ kind: 'limited', limit }), `hit its ${limit} limit`);
  });
});
