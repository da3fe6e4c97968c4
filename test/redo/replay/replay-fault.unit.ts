import { test } from '@japa/runner';

import { blockedCall, describeFault, type ReplayFault } from '../../../harness/redo/replay/replay-fault.ts';
import { systemCallName } from '../../../harness/redo/replay/system-calls.ts';

function words(fault: ReplayFault): string {
  return describeFault(fault, (request) => `request ${String(request)} (a page)`);
}

const stderr = '';

test.group('replay faults', () => {
  test('say what happened at which request', ({ assert }) => {
    const exited = { kind: 'exited', exitCode: 1 } as const;
    const cases: readonly (readonly [ReplayFault, string])[] = [
      [
        { kind: 'died', request: 3, ending: exited, stderr: ' FATAL: no\n' },
        'walredo exited with code 1 at request 3 (a page), saying: FATAL: no',
      ],
      [
        {
          kind: 'died',
          request: 3,
          ending: { kind: 'signaled', signal: 'SIGSEGV', coreDumped: false },
          stderr,
        },
        'walredo was killed by SIGSEGV at request 3 (a page), saying nothing',
      ],
      [
        { kind: 'died', request: 3, ending: { kind: 'limited', limit: 'memory' }, stderr },
        'walredo hit its memory limit at request 3 (a page), saying nothing',
      ],
      [
        { kind: 'blocked-call', request: 0, callNumber: 9, callName: 'mmap' },
        'walredo made a system call that its own seccomp filter forbids: mmap (9), at request 0 (a page)',
      ],
      [
        { kind: 'hung', request: 7, waitedMs: 2500 },
        'walredo gave no answer for 2.5 s (time limit) and was killed at request 7 (a page)',
      ],
      [
        { kind: 'ended-early', request: 2, strayBytes: 0 },
        'walredo ended as if done (exit 0), but its output is cut short: no answer to request 2 (a page)',
      ],
      [
        { kind: 'ended-early', request: 2, strayBytes: 17 },
        'walredo ended as if done (exit 0), but its output is cut short: 17 of 8192 bytes for request 2 (a page)',
      ],
      [{ kind: 'extra-bytes', bytes: 11 }, 'walredo wrote 11 extra bytes after its last answer'],
      [
        { kind: 'chatter', lines: ['hello', 'again'], total: 4 },
        'walredo chattered on stderr, which a pageserver logs as errors: 4 lines, the first: hello',
      ],
      [
        { kind: 'given-up', request: 30, restarts: 21 },
        'walredo failed 21 times; requests from request 30 (a page) on were not replayed',
      ],
    ];
    for (const [fault, expected] of cases) assert.equal(words(fault), expected);
  });

  test('explain a SIGSYS, which no handler could', ({ assert }) => {
    const ending = { kind: 'signaled', signal: 'SIGSYS', coreDumped: false } as const;
    assert.match(words({ kind: 'died', request: 0, ending, stderr }), /seccomp filter forbids a system call/);
    const other = { kind: 'signaled', signal: 'SIGKILL', coreDumped: false } as const;
    assert.notMatch(words({ kind: 'died', request: 0, ending: other, stderr }), /seccomp/);
  });

  test('quote the end of a long message', ({ assert }) => {
    const text = `${'x'.repeat(5000)} the cause`;
    const said = words({ kind: 'died', request: 0, ending: { kind: 'exited', exitCode: 1 }, stderr: text });
    assert.isTrue(said.endsWith('the cause'));
    assert.isBelow(said.length, 400);
  });
});

test.group('blocked calls', () => {
  test('are read from the words of the seccomp handler', ({ assert }) => {
    const said = '---------------------------------------\nseccomp: bad syscall 257\n-------------------\n';
    assert.deepEqual(blockedCall(said), { callNumber: 257, callName: 'openat' });
    assert.isUndefined(blockedCall('FATAL: bad syscall\n'));
    assert.isUndefined(blockedCall(''));
  });

  test('have the names of the table of Linux', ({ assert }) => {
    const known = {
      read: 0,
      write: 1,
      mmap: 9,
      brk: 12,
      select: 23,
      getpid: 39,
      exit: 60,
      arch_prctl: 158,
      futex: 202,
      exit_group: 231,
      openat: 257,
      pselect6: 270,
      prlimit64: 302,
      seccomp: 317,
      getrandom: 318,
      rseq: 334,
      pidfd_send_signal: 424,
      io_uring_setup: 425,
      clone3: 435,
      openat2: 437,
    };
    for (const [name, number] of Object.entries(known)) assert.equal(systemCallName(number), name);
    assert.equal(systemCallName(400), 'system call 400');
    assert.equal(systemCallName(9999), 'system call 9999');
  });
});
