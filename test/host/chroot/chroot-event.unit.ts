import { test } from '@japa/runner';

import { signalName, toError, toResult } from '../../../harness/host/chroot/chroot-event.ts';

const usage = {
  event: 'ended',
  userCpuUs: 1500,
  systemCpuUs: 500,
  peakRssBytes: 4096,
  wallTimeUs: 2500,
  mechanism: 'cgroup-v2',
} as const;

test.group('toResult', () => {
  test('names the signal and turns microseconds into milliseconds', ({ assert }) => {
    assert.deepEqual(toResult({ ...usage, kind: 'signaled', signal: 6, coreDumped: false }), {
      ending: { kind: 'signaled', signal: 'SIGABRT', coreDumped: false },
      userCpuMs: 1.5,
      systemCpuMs: 0.5,
      peakRssBytes: 4096,
      wallTimeMs: 2.5,
      limitMechanism: 'cgroup-v2',
    });
  });

  test('keeps exit codes and limits', ({ assert }) => {
    assert.deepEqual(toResult({ ...usage, kind: 'exited', exitCode: 3 }).ending, {
      kind: 'exited',
      exitCode: 3,
    });
    assert.deepEqual(toResult({ ...usage, kind: 'starved' }).ending, {
      kind: 'signaled',
      signal: 'SIGKILL',
      coreDumped: false,
    });
    assert.deepEqual(toResult({ ...usage, kind: 'limited', limit: 'memory' }).ending, {
      kind: 'limited',
      limit: 'memory',
    });
  });
});

test.group('signalName', () => {
  test('prefers the usual name over its aliases', ({ assert }) => {
    assert.deepEqual([6, 9, 11, 29, 31, 25].map(signalName), [
      'SIGABRT',
      'SIGKILL',
      'SIGSEGV',
      'SIGIO',
      'SIGSYS',
      'SIGXFSZ',
    ]);
    assert.equal(signalName(40), 'SIG40');
  });
});

test.group('toError', () => {
  const failed = {
    event: 'failed',
    step: 'exec',
    path: '/LAUNCHER',
    errno: 'ENOENT',
    message: 'No such file or directory',
  } as const;

  test('tells a missing program from a missing interpreter', ({ assert }) => {
    const program = toError(failed, 'debian:11');
    assert.equal(program.code, 'exec-failed');
    assert.equal(program.details['missing'], 'file');
    const interpreter = toError({ ...failed, step: 'exec interpreter' }, 'debian:11');
    assert.equal(interpreter.code, 'exec-failed');
    assert.equal(interpreter.details['missing'], 'interpreter');
    assert.include(interpreter.message, 'interpreter');
    assert.equal(interpreter.details['path'], '/LAUNCHER');
  });

  test('gives other steps another code, with the step and the path', ({ assert }) => {
    const error = toError({ ...failed, step: 'bind', path: '/nowhere' }, 'debian:11');
    assert.equal(error.kind, 'infrastructure');
    assert.equal(error.code, 'setup-failed');
    assert.include(error.message, 'bind /nowhere');
  });

  test('recognises a full disk', ({ assert }) => {
    assert.equal(toError({ ...failed, step: 'open', errno: 'ENOSPC' }, 'debian:11').code, 'disk-full');
  });
});
