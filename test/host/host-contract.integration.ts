import { randomUUID } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';

import { test } from '@japa/runner';

import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { openToAll, putBusybox } from './support/shared-host.ts';
import { forEachEngine } from './support/engines.ts';
import { processesWith } from './support/processes.ts';
import { rejection } from './support/rejection.ts';

/** The fields of /proc/self/status that a script printed. */
function statusField(status: string, name: string): string | undefined {
  return new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*$`, 'm').exec(status)?.[1];
}

/** A program that fails as PostgreSQL's do whose child came to some end. */
function saysOfChild(words: string): string {
  return `echo 'child process ${words}' >&2; exit 1`;
}

forEachEngine('the end of a process', ({ shell, openHost }) => {
  test('exit code {$self}')
    .with([0, 1, 7, 126, 127, 255])
    .run(async ({ assert }, exitCode) => {
      assert.deepEqual((await shell(`exit ${exitCode}`)).ending, { kind: 'exited', exitCode });
    });

  test('its own signal {$self} is reported as that signal')
    .with(['SIGABRT', 'SIGTERM', 'SIGSEGV', 'SIGSYS', 'SIGPIPE'])
    .run(async ({ assert }, signal) => {
      const { ending } = await shell(`kill -${signal.slice(3)} $$`);
      assert.deepEqual(ending, { kind: 'signaled', signal, coreDumped: false });
    });

  test('a SIGKILL of somebody else is no end of its own', async ({ assert }) => {
    const marker = randomUUID();
    await using host = await openHost();
    const running = await host.start({ argv: ['/usr/bin/perl', '-e', 'sleep 1000', marker] });
    for (const pid of await processesWith(marker)) process.kill(pid, 'SIGKILL');
    const error = await rejection(running.result);
    assert.deepEqual([error.kind, error.code], ['infrastructure', 'process-killed']);
    assert.equal(
      error.message,
      `/usr/bin/perl -e sleep 1000 ${marker} in debian:12 was killed by a SIGKILL that Redoubt did not send`,
    );
    assert.include(error.remedy, 'kernel log');
  });

  test('one that is ordered here is', async ({ assert }) => {
    await using host = await openHost();
    const running = await host.start({ argv: ['/bin/sleep', '1000'] });
    running.signal('SIGKILL');
    const ending = { kind: 'signaled', signal: 'SIGKILL', coreDumped: false };
    assert.deepEqual((await running.result).ending, ending);
  });

  test('a PostgreSQL program whose child got a SIGKILL of somebody else ended by that', async ({
    assert,
  }) => {
    const error = await rejection(shell(saysOfChild('was terminated by signal 9: Killed')));
    assert.equal(error.code, 'process-killed');
    assert.match(error.message, /^a process that \/bin\/sh -c .* started in debian:12 was killed/);
    const crashed = await shell(saysOfChild('was terminated by signal 11: Segmentation fault'));
    assert.deepEqual(crashed.ending, { kind: 'exited', exitCode: 1 });
  });

  test('what it said is there for whoever reads late', async ({ assert }) => {
    await using host = await openHost();
    await using running = await host.start({ argv: ['/bin/sh', '-c', 'echo out; echo err >&2'] });
    await running.result;
    // Node has heard of the end of all that was started by then.
    await setTimeout(200);
    assert.equal(await text(running.stdout as Readable), 'out\n');
    assert.equal(await text(running.stderr as Readable), 'err\n');
  });

  test('what it left running dies with it', async ({ assert }) => {
    const { ending, stdout } = await shell('sleep 1000 & setsid sleep 1000 & echo away');
    assert.deepEqual(ending, { kind: 'exited', exitCode: 0 });
    assert.equal(stdout, 'away');
  });

  test('figures are those of the process and its children', async ({ assert }) => {
    const work = `perl -e 'my $x = "x" x 60_000_000; 1 for 1 .. 3_000_000'`;
    const result = await shell(`${work}; exit 0`);
    assert.isAbove(result.peakRssBytes, 50_000_000);
    assert.isAbove(result.userCpuMs, 10);
    assert.isAtLeast(result.wallTimeMs, result.userCpuMs * 0.5);
    assert.isBelow((await shell('exit 0')).peakRssBytes, 20_000_000);
  });
});

forEachEngine('what a process is given', ({ shell, openHost }) => {
  test('a pid that is not 1, its arguments, its environment and nothing else', async ({ assert }) => {
    await using host = await openHost();
    const { stdout } = await host.run({
      argv: [
        '/usr/bin/perl',
        '-e',
        'print "$$\\n", join("|", @ARGV), "\\n", map("$_=$ENV{$_}\\n", sort keys %ENV)',
        'a b',
        '',
        'ü"\\',
      ],
      env: { LANG: 'C', X: 'a=b\n' },
    });
    assert.match(stdout.toString('utf8'), /^([2-9]|\d\d)\na b\|\|ü"\\\nLANG=C\nX=a=b\n\n$/);
  });

  test('an unprivileged user without groups, capabilities or ways to get them', async ({ assert }) => {
    const { stdout } = await shell('cat /proc/self/status', { systemMounts: true });
    assert.equal(statusField(stdout, 'Uid'), '65534\t65534\t65534\t65534');
    assert.equal(statusField(stdout, 'Gid'), '65534\t65534\t65534\t65534');
    assert.equal(statusField(stdout, 'Groups'), '');
    assert.equal(statusField(stdout, 'NoNewPrivs'), '1');
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
      assert.equal(statusField(stdout, set), '0000000000000000', set);
    }
  });

  test('root without capabilities, when root is asked for', async ({ assert }) => {
    const script =
      'cat /proc/self/status; touch /etc/x /x /dev/x 2>/dev/null && echo WROTE; mount -t tmpfs x /mnt 2>/dev/null && echo MOUNTED';
    const { stdout } = await shell(`${script}; echo 0 > /proc/sys/kernel/hostname && echo SYSCTL`, {
      uid: 0,
      gid: 0,
      systemMounts: true,
    });
    assert.equal(statusField(stdout, 'Uid'), '0\t0\t0\t0');
    assert.equal(statusField(stdout, 'CapEff'), '0000000000000000');
    assert.equal(statusField(stdout, 'CapBnd'), '0000000000000000');
    assert.notMatch(stdout, /WROTE|MOUNTED|SYSCTL/);
  });

  test('default signals, no blocked ones, umask 022, no core files, the usual limits, only three descriptors', async ({
    assert,
  }) => {
    const { stdout } = await shell(
      'cat /proc/self/status; umask; ulimit -c; ulimit -n; ulimit -s; ls /proc/$$/fd',
      {
        systemMounts: true,
      },
    );
    assert.equal(statusField(stdout, 'SigIgn'), '0000000000000000');
    assert.equal(statusField(stdout, 'SigBlk'), '0000000000000000');
    assert.match(stdout, /\n0022\n0\n1024\n8192\n0\n1\n2\n?$/);
  });

  test('its working directory, or the root', async ({ assert }) => {
    assert.equal((await shell('pwd')).stdout, '/');
    assert.equal((await shell('pwd', { workingDirectory: '/usr/share' })).stdout, '/usr/share');
    assert.equal((await rejection(shell('pwd', { workingDirectory: '/nowhere' }))).details['step'], 'chdir');
  });

  test('the user that is asked for', async ({ assert }) => {
    assert.equal((await shell('id -u; id -g; id -G', { uid: 1234, gid: 567 })).stdout, '1234\n567\n567');
  });
});

forEachEngine('what a process sees', ({ shell, openRoot, expected }) => {
  test('the root, read-only, with three devices, and none that could do harm', async ({ assert }) => {
    const attempts = ['/x', '/etc/x', '/usr/x', '/var/tmp/x', '/tmp/x', '/dev/x', '/root/x'].map(
      (path) => `touch ${path} 2>/dev/null && echo WROTE ${path};`,
    );
    const { stdout } = await shell(
      `for d in kmsg mem null sda urandom vda zero; do test -e /dev/$d && echo $d; done; ${attempts.join(' ')} head -c 2 /dev/zero | wc -c; head -c 3 /dev/urandom | wc -c; echo x > /dev/null`,
    );
    assert.equal(stdout, 'null\nurandom\nzero\n2\n3');
  });

  test('nothing of the machine', async ({ assert }) => {
    await using secret = await temporaryDirectory('a secret');
    const { stdout } = await shell(
      `ls -d ${secret.path} ${import.meta.dirname} /work /redoubt-chroot 2>/dev/null; echo $(cat /etc/hostname /etc/resolv.conf 2>/dev/null); hostname; ls / | tr '\\n' ' '`,
    );
    const own = expected({ chroot: '', docker: 'redoubt ' });
    assert.equal(
      stdout.replace('.dockerenv ', ''),
      `redoubt\nredoubt\nbin boot dev etc home lib lib64 media mnt opt proc ${own}root run sbin srv sys tmp usr var`,
    );
  });

  test('only its own processes, and no way to its init', async ({ assert }) => {
    const { stdout } = await shell(
      'ls /proc | grep "^[0-9]" | tr "\\n" " "; cat /proc/1/environ 2>/dev/null; readlink /proc/1/root; kill -9 1 2>/dev/null; echo alive',
      { systemMounts: true, uid: 0, gid: 0 },
    );
    assert.match(stdout, /^1( \d\d?){1,6} \S*\n?alive$/);
  });

  test("no network, not even the machine's loopback", async ({ assert }) => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { readonly port: number };
    const connect = `perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(PeerAddr => "127.0.0.1:${port}") ? "connected" : "no: $!"'`;
    const { stdout } = await shell(`${connect}; echo; grep -c : /proc/net/dev`, { systemMounts: true });
    server.close();
    // A container has a loopback of its own, at which nobody listens.
    const refusal = expected({ chroot: 'Network is unreachable', docker: 'Connection refused' });
    assert.equal(stdout, `no: ${refusal}\n1`);
  });

  test('scratch space only when asked for', async ({ assert }) => {
    const script =
      'for d in /tmp /dev/shm; do touch $d/x && echo $d; done 2>/dev/null; ls -d /proc/self 2>/dev/null; touch /proc/x 2>/dev/null; true';
    assert.equal((await shell(script)).stdout, expected({ chroot: '', docker: '/proc/self' }));
    assert.equal((await shell(script, { systemMounts: true })).stdout, '/tmp\n/dev/shm\n/proc/self');
  });

  test('an empty root, which is left empty', async ({ assert }) => {
    await using directory = await temporaryDirectory('an empty root');
    const root = join(directory.path, 'root');
    const tools = join(directory.path, 'tools');
    await mkdir(root);
    await putBusybox(tools);
    await using host = await openRoot('empty', root);
    const { stdout, ending } = await host.run({
      argv: ['/a/b/busybox', 'find', '/', '-xdev'],
      mounts: [{ source: tools, target: '/a/b', readOnly: true }],
    });
    assert.deepEqual(ending, { kind: 'exited', exitCode: 0 });
    const found = stdout.toString().trim().split('\n').toSorted();
    // The last four are podman's.
    const brought = /^\/(\.dockerenv|etc.*|redoubt.*|run|tmp|var|var\/tmp)$/;
    assert.deepEqual(
      found.filter((path) => !brought.test(path)),
      expected({
        chroot: ['/', '/a', '/a/b', '/dev'],
        docker: ['/', '/a', '/a/b', '/dev', '/proc', '/sys'],
      }),
    );
    assert.deepEqual(await readdir(root), []);
    await using again = await openRoot('empty', root);
    assert.equal((await rejection(again.run({ argv: ['/a/b/busybox'] }))).code, 'exec-failed');
  });
});

forEachEngine('a process that cannot be started', ({ openHost }) => {
  test('a program that is not there', async ({ assert }) => {
    await using host = await openHost();
    const error = await rejection(host.run({ argv: ['/no/such/program'] }));
    assert.equal(error.kind, 'infrastructure');
    assert.equal(error.code, 'exec-failed');
    assert.deepEqual(error.details, {
      step: 'exec',
      path: '/no/such/program',
      errno: 'ENOENT',
      missing: 'file',
    });
  });

  test('a program whose interpreter is not there', async ({ assert }) => {
    await using directory = await temporaryDirectory('a script');
    await writeFile(join(directory.path, 'script'), '#!/no/interpreter\n', { mode: 0o755 });
    await using host = await openHost();
    const mounts = [{ source: directory.path, target: '/s', readOnly: true }];
    await openToAll(directory.path);
    const error = await rejection(host.run({ argv: ['/s/script'], mounts }));
    assert.equal(error.code, 'exec-failed');
    assert.equal(error.details['missing'], 'interpreter');
  });

  test('a program that may not be executed, and one that is none', async ({ assert }) => {
    await using host = await openHost();
    assert.equal((await rejection(host.run({ argv: ['/etc/passwd'] }))).details['errno'], 'EACCES');
    assert.equal((await rejection(host.run({ argv: ['/usr'] }))).details['errno'], 'EACCES');
  });
});
