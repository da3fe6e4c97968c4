import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import type { ProcessSpec } from '../../harness/host/engine.ts';
import { type Observation, readObservation, startedPid } from '../../harness/host/observation.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { putBusybox, debianHost, shell } from './support/shared-host.ts';

const calls = { write: 1, execve: 59, openat: 257, connect: 42 } as const;
const enoent = -2;

interface Watched {
  readonly stdout: string;
  readonly ending: unknown;
  readonly observation: Observation;
}

/** Runs a shell script in the Debian root and reads what it was seen to do. */
async function watched(
  script: string,
  spec: Omit<ProcessSpec, 'argv'> = {},
  newestSystemCall?: number,
): Promise<Watched> {
  await using scratch = await temporaryDirectory('an observation');
  const path = join(scratch.path, 'log');
  const watch = newestSystemCall === undefined ? { path } : { path, newestSystemCall };
  const { stdout, ending } = await shell(script, { ...spec, watch });
  return { stdout, ending, observation: await readObservation(path) };
}

function find(observation: Observation, call: number, path: string): readonly number[] {
  return observation.calls
    .filter((each) => each.call === call && each.path === path)
    .map(({ result }) => result);
}

test.group('a watched process', () => {
  test('opens, looks for and runs what it says it did, its children too', async ({ assert }) => {
    const { observation, ending, stdout } = await watched(
      'cat /etc/hostname >/dev/null; cat /no/such/file 2>/dev/null; echo done; exit 7',
    );
    assert.deepEqual(ending, { kind: 'exited', exitCode: 7 });
    assert.equal(stdout, 'done');
    assert.deepEqual(find(observation, calls.execve, '/bin/sh'), [0]);
    assert.include(find(observation, calls.execve, '/usr/bin/cat'), 0);
    assert.deepEqual(find(observation, calls.openat, '/etc/hostname').length, 1);
    assert.deepEqual(find(observation, calls.openat, '/no/such/file'), [enoent]);
    assert.lengthOf(observation.forks, 2);
    const writer = observation.calls.find(({ call, result }) => call === calls.write && result === 5);
    assert.equal(writer?.pid, startedPid);
  });

  test('relative paths are made absolute, in a chroot too', async ({ assert }) => {
    const { observation } = await watched(
      'cd /usr/share; cat <base-files/none; cat ../no; (cd /; cat etc/x)',
    );
    const paths = observation.calls.map(({ path }) => path);
    for (const path of ['/usr/share/base-files/none', '/usr/share/../no', '/etc/x'])
      assert.include(paths, path);

    await using scratch = await temporaryDirectory('an observation');
    const bundle = join(scratch.path, 'bundle');
    await putBusybox(bundle);
    await mkdir(join(bundle, 'deep/er'), { recursive: true });
    await using host = await debianHost();
    await host.run({
      argv: ['/busybox', 'sh', '-c', 'cd deep; true <er/none; true <./no'],
      chroot: bundle,
      watch: { path: join(scratch.path, 'log') },
    });
    const inside = (await readObservation(join(scratch.path, 'log'))).calls.map(({ path }) => path);
    assert.includeMembers(inside, ['/busybox', '/deep/er/none', '/deep/./no']);
  });

  test('what lies in the folder of its own is not told, what leads out of it is', async ({ assert }) => {
    await using scratch = await temporaryDirectory('an observation');
    const path = join(scratch.path, 'log');
    const { stdout } = await shell(
      'cd /etc; cat hostname </etc/hosts >/dev/null; cat ../etc/none; echo done',
      {
        watch: { path, untoldFolder: '/etc' },
      },
    );
    assert.equal(stdout, 'done');
    const paths = (await readObservation(path)).calls.map((call) => call.path);
    assert.notIncludeMembers(paths, ['/etc/hosts']);
    assert.notInclude(paths, '/etc/hostname');
    assert.include(paths, '/etc/../etc/none');
    assert.include(paths, '/usr/bin/cat');
  });

  test('names with odd characters come through', async ({ assert }) => {
    const { observation } = await watched(`cat '/a "b"\\ü\n' 2>/dev/null`);
    assert.deepEqual(find(observation, calls.openat, '/a "b"\\ü\n'), [enoent]);
  });

  test('a connection is named by its address', async ({ assert }) => {
    const perl = `use Socket; socket(S, PF_UNIX, SOCK_STREAM, 0); connect(S, sockaddr_un("/run/none"));
      socket(T, PF_INET, SOCK_STREAM, 0); connect(T, sockaddr_in(53, inet_aton("192.0.2.1")))`;
    const { observation } = await watched(`perl -e '${perl}'`);
    assert.deepEqual(find(observation, calls.connect, 'unix:/run/none'), [enoent]);
    assert.lengthOf(find(observation, calls.connect, 'inet:192.0.2.1:53'), 1);
  });

  test('calls beyond the newest one do not exist, and are named', async ({ assert }) => {
    const script = `perl -e '$! = 0; print syscall(450, 0), " ", $!+0, " "; $! = 0; print syscall(39) > 0'`;
    const old = await watched(script, {}, 440);
    assert.equal(old.stdout, '-1 38 1');
    assert.deepEqual(
      old.observation.refused.map(({ refused }) => refused),
      [450],
    );
    assert.isEmpty((await watched('true', {}, 440)).observation.refused);
  });

  test('signals, stops and children that die end as they do unwatched', async ({ assert }) => {
    const { stdout, ending } = await watched(
      `sh -c 'kill -SEGV $$'; echo $?; sleep 1000 & kill -STOP $!; kill -KILL $!; wait $!; echo $?; kill -TERM $$`,
    );
    assert.equal(stdout, '139\n137');
    assert.deepEqual(ending, { kind: 'signaled', signal: 'SIGTERM', coreDumped: false });
  });

  test('a program that is not there is said as it is unwatched', async ({ assert }) => {
    await using scratch = await temporaryDirectory('an observation');
    await using host = await debianHost();
    const run = host.run({ argv: ['/no/such/program'], watch: { path: join(scratch.path, 'log') } });
    await assert.rejects(() => run, /cannot run \/no\/such\/program/);
  });
});
