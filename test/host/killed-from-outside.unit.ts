import { test } from '@japa/runner';

import { killedFromOutside, saysChildWasKilled } from '../../harness/host/killed-from-outside.ts';

test.group('killedFromOutside', () => {
  test('says what was killed, where, by what, and what to look at', ({ assert }) => {
    const error = killedFromOutside('/LAUNCHER v17 postgres --wal-redo', 'debian:12', 'out-of-memory killer');
    assert.deepEqual([error.kind, error.code, error.exitCode], ['infrastructure', 'process-killed', 3]);
    assert.match(
      error.message,
      /^\/LAUNCHER v17 postgres --wal-redo in debian:12 was killed by the kernel's out-of-memory killer, below its own limit/,
    );
    assert.match(error.remedy ?? '', /kernel log, as dmesg shows it.*run again/);
  });

  test('cuts a long command line', ({ assert }) => {
    assert.isBelow(killedFromOutside('x'.repeat(9000), 'debian:12', 'SIGKILL').message.length, 300);
  });
});

test.group('saysChildWasKilled', () => {
  test('knows the words of PostgreSQL in "{$self}"')
    .with([
      'child process was terminated by signal 9: Killed\ninitdb: removing contents of data directory',
      'initdb: error: child process was terminated by signal 9\n',
      'child process exited with exit code 137',
      'LOG:  server process (PID 4711) was terminated by signal 9: Killed',
    ])
    .run(({ assert }, words) => {
      assert.isTrue(saysChildWasKilled(words));
    });

  test('takes "{$self}" for the end of a child that was its own')
    .with([
      'child process was terminated by signal 11: Segmentation fault',
      'child process was terminated by signal 6: Aborted',
      'LOG:  server process (PID 9) was terminated by signal 11: Segmentation fault',
      'child process was terminated by signal 99',
      'child process exited with exit code 1',
      'child process exited with exit code 1370',
      '',
    ])
    .run(({ assert }, words) => {
      assert.isFalse(saysChildWasKilled(words));
    });
});
