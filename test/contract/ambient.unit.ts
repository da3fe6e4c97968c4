import { test } from '@japa/runner';

import { judgeAmbient } from '../../harness/contract/ambient.ts';
import type { ObservedRun } from '../../harness/contract/observed-run.ts';
import { judgeSameProcess } from '../../harness/contract/same-process.ts';
import type { ObservedCall } from '../../harness/host/observation.ts';
import { said } from './support/subject.ts';

const calls = { write: 1, stat: 4, connect: 42, execve: 59, readlink: 89, openat: 257 } as const;
const enoent = -2;

function run(...observed: readonly (readonly [number, string, number, number?])[]): ObservedRun {
  const all: readonly ObservedCall[] = observed.map(([call, path, result, pid = 2]) => ({
    pid,
    call,
    path,
    result,
  }));
  return {
    program: 'walredo',
    process: {
      ending: { kind: 'exited', exitCode: 0 },
      userCpuMs: 0,
      systemCpuMs: 0,
      peakRssBytes: 0,
      wallTimeMs: 0,
      limitMechanism: 'rlimit',
      stdout: Buffer.alloc(0),
      stderr: '',
    },
    observation: { calls: all, refused: [], forks: [] },
  };
}

test.group('judgeAmbient', () => {
  test('sorts what is used of a host by kind, each once, with every path', ({ assert }) => {
    const { findings } = judgeAmbient(
      [
        run(
          [calls.openat, '/lib/x86_64-linux-gnu/libc.so.6', 3],
          [calls.openat, '/lib/x86_64-linux-gnu/libc.so.6', 4],
          [calls.openat, '/usr/lib/x86_64-linux-gnu/libstdc++.so.6', 3],
          [calls.openat, '/usr/lib/locale/C.utf8/LC_CTYPE', 3],
          [calls.openat, '/usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache', 3],
          [calls.readlink, '/etc/localtime', 20],
          [calls.openat, '/etc/passwd', 3],
          [calls.openat, '/etc/hosts', 3],
          [calls.openat, '/bundle/../etc/ssl/openssl.cnf', 3],
          [calls.openat, '/proc/meminfo', 3],
          [calls.openat, '/dev/tty', 3],
          [calls.execve, '/bin/sh', 0],
          [calls.openat, '/opt/other', 3],
        ),
      ],
      'pg-install',
    );
    assert.deepEqual(
      findings.map(({ details }) => [details?.['kind'], details?.['paths']]),
      [
        ['libraries', ['/lib/x86_64-linux-gnu/libc.so.6', '/usr/lib/x86_64-linux-gnu/libstdc++.so.6']],
        ['locales', ['/usr/lib/locale/C.utf8/LC_CTYPE']],
        ['conversions', ['/usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache']],
        ['time zones', ['/etc/localtime']],
        ['accounts', ['/etc/passwd']],
        ['names of hosts', ['/etc/hosts']],
        ['TLS settings', ['/etc/ssl/openssl.cnf']],
        ['the kernel by /proc and /sys', ['/proc/meminfo']],
        ['devices', ['/dev/tty']],
        ['programs', ['/bin/sh']],
        ['files', ['/opt/other']],
      ],
    );
  });

  test('does not count what is its own or provided, what failed, and what was only looked at', ({
    assert,
  }) => {
    const own = run(
      [calls.openat, '/bundle/v17/lib/libpq.so.5', 3],
      [calls.openat, '/inout/data/PG_VERSION', 3],
      [calls.openat, '/dev/null', 3],
      [calls.openat, '/dev/urandom', 3],
      [calls.openat, '/etc/ld.so.preload', enoent],
      [calls.stat, '/usr/share', 0],
      [calls.write, '', 8192],
    );
    const { findings, notes } = judgeAmbient([own], 'static');
    assert.deepEqual(findings, []);
    assert.include(notes, 'looked for in vain, and done without: /etc/ld.so.preload');
  });

  test('finds nothing of a host in a chroot, but connections out of it', ({ assert }) => {
    const one = run([calls.openat, '/etc/passwd', 3], [calls.openat, '/dev/shm/PostgreSQL.4711', enoent]);
    assert.deepEqual(judgeAmbient([one], 'chroot'), {
      findings: [],
      notes: ['looked for in vain, and done without: /dev/shm/PostgreSQL.*', 'ran: '],
    });
    const connected = run(
      [calls.connect, 'inet:192.0.2.1:53', -101],
      [calls.connect, 'inet:127.0.0.1:5432', 0],
      [calls.connect, 'inet:[::1]:5432', 0],
      [calls.connect, 'unix:/run/nscd/socket', enoent],
      [calls.connect, 'unix:@abstract', 0],
      [calls.connect, 'unix:/inout/.s.PGSQL.5432', 0],
    );
    assert.deepEqual(said(judgeAmbient([connected], 'chroot')), [
      'ambient-connection: walredo connects to inet:192.0.2.1:53, unix:@abstract',
    ]);
  });
});

test.group('judgeSameProcess', () => {
  const launched = [calls.execve, '/LAUNCHER', 0] as const;

  test('is content when the process that was started answers, helpers or not', ({ assert }) => {
    assert.deepEqual(
      said(
        judgeSameProcess(
          run(
            launched,
            [calls.execve, '/bin/dirname', 0, 3],
            [calls.execve, '/v17/postgres', 0],
            [calls.write, '', 8192],
          ),
        ),
      ),
      [],
    );
    assert.deepEqual(said(judgeSameProcess(run(launched, [calls.write, '', 8192]))), []);
  });

  test('names the program that answers in another process', ({ assert }) => {
    assert.match(
      said(
        judgeSameProcess(run(launched, [calls.execve, '/v17/postgres', 0, 3], [calls.write, '', 8192, 3])),
      ).join('\n'),
      /^launcher-forks: .*what answers is \/v17\/postgres in another process, and \/LAUNCHER stays as its parent/,
    );
  });
});
