import { test } from '@japa/runner';

import { RedoubtError } from '../../harness/error.ts';
import type { Ending } from '../../harness/host/engine.ts';
import type { GuestOutcome } from '../../harness/host/kernel/guest-outcome.ts';
import { judgeFloorEnd } from '../../harness/verdict/floor-judgement.ts';
import { thrownBy } from '../support/thrown.ts';

const subject = { program: 'initdb of v17', kernel: 'Linux 5.10.0', machine: 'Linux 6.1.0' };

function ended(ending: Ending, stderr = ''): GuestOutcome {
  const result = {
    ending,
    userCpuMs: 1,
    systemCpuMs: 1,
    peakRssBytes: 1,
    wallTimeMs: 1,
    limitMechanism: 'rlimit',
  } as const;
  return { kind: 'ended', result, stdoutPath: '/nowhere', stderr, inout: '/nowhere' };
}

function notStarted(code: string): GuestOutcome {
  return { kind: 'not started', error: new RedoubtError('infrastructure', code, `cannot run it: ${code}`) };
}

function messageOf(outcome: GuestOutcome): string {
  const end = judgeFloorEnd(subject, outcome, 'it ends well');
  return end.kind === 'badly' ? `${end.finding.code}: ${end.finding.message}` : end.kind;
}

test.group('the end of a program under the oldest kernel', () => {
  test('is well when it exits with 0', ({ assert }) => {
    assert.equal(messageOf(ended({ kind: 'exited', exitCode: 0 })), 'well');
  });

  test('is found with its own words, what they mean, and what it does here', ({ assert }) => {
    assert.equal(
      messageOf(ended({ kind: 'exited', exitCode: 127 }, 'FATAL: kernel too old\n')),
      'kernel-floor: initdb of v17 exited with code 127 under Linux 5.10.0, saying: FATAL: kernel too old (its libc was built for newer kernels alone); under Linux 6.1.0 it ends well',
    );
    assert.equal(
      messageOf(ended({ kind: 'signaled', signal: 'SIGSEGV', coreDumped: false })),
      'kernel-floor: initdb of v17 was killed by SIGSEGV under Linux 5.10.0, saying nothing; under Linux 6.1.0 it ends well',
    );
    assert.equal(
      messageOf(ended({ kind: 'limited', limit: 'wall-time' })),
      'kernel-floor: initdb of v17 hit its wall-time limit under Linux 5.10.0, saying nothing; under Linux 6.1.0 it ends well',
    );
  });

  test('is found when the program cannot be started', ({ assert }) => {
    assert.equal(
      messageOf(notStarted('exec-failed')),
      'kernel-floor: initdb of v17 cannot be started under Linux 5.10.0: cannot run it: exec-failed; under Linux 6.1.0 it ends well',
    );
  });

  test('is not judged where the emulated machine is to blame', ({ assert }) => {
    const illegal = ended({ kind: 'signaled', signal: 'SIGILL', coreDumped: false });
    assert.equal(thrownBy(() => messageOf(illegal)).code, 'emulator-lacks-instruction');
    assert.equal(thrownBy(() => messageOf(notStarted('setup-failed'))).code, 'setup-failed');
    const killed = ended({ kind: 'signaled', signal: 'SIGKILL', coreDumped: false });
    assert.equal(thrownBy(() => messageOf(killed)).code, 'process-killed');
    const ofChild = ended(
      { kind: 'exited', exitCode: 1 },
      'child process was terminated by signal 9: Killed\n',
    );
    assert.equal(thrownBy(() => messageOf(ofChild)).code, 'process-killed');
  });
});
