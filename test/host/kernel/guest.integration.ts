import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { runInGuest } from '../../../harness/host/kernel/guest.ts';
import type { GuestTask } from '../../../harness/host/kernel/guest-boot.ts';
import type { EndedInGuest, GuestOutcome } from '../../../harness/host/kernel/guest-outcome.ts';
import { silent } from '../../../harness/host/progress.ts';
import { findLeftovers, removeLeftovers } from '../../../harness/host/leftovers.ts';
import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { descendantsOf, isAlive } from '../../cli/support/process-tree.ts';
import { until } from '../support/processes.ts';
import { putBusybox } from '../support/shared-host.ts';

function ended(outcome: GuestOutcome | undefined): EndedInGuest {
  if (outcome?.kind === 'ended') return outcome;
  throw new Error(`it did not end: ${JSON.stringify(outcome)}`);
}

function shell(name: string, script: string, more: Partial<GuestTask> = {}): GuestTask {
  return { name, launch: { argv: ['/busybox', 'sh', '-c', script] }, wallTimeMs: 60_000, ...more };
}

test('processes run under Linux 5.10 as in the chroot engine, and hand over all that they leave', async ({
  assert,
}) => {
  await using work = await temporaryDirectory('a test of the guest');
  const [root, other, directory] = ['root', 'other', 'run'].map((name) => join(work.path, name)) as [
    string,
    string,
    string,
  ];
  await putBusybox(root);
  mkdirSync(other);
  mkdirSync(directory);
  writeFileSync(join(other, 'fact'), 'from the machine\n');
  writeFileSync(join(work.path, 'input'), Buffer.alloc(3_000_000, 'abcdefg'));
  const long = 'a-name-of-forty-characters-in-a-long-path';

  const { kernel, outcomes } = await runInGuest({
    root,
    directory,
    progress: silent,
    tasks: [
      shell(
        'surroundings',
        '/busybox uname -r; /busybox id -u; /busybox ls /dev; echo "$WORD"; /busybox pwd',
        {
          launch: {
            argv: [
              '/busybox',
              'sh',
              '-c',
              '/busybox uname -r; /busybox id -u; /busybox ls /dev; echo "$WORD"',
            ],
            env: { WORD: 'word' },
          },
        },
      ),
      shell('input', 'exec /busybox md5sum', { stdinPath: join(work.path, 'input') }),
      shell(
        'left',
        `cd /inout; /busybox mkdir -p deep/${long}/${long}/${long}; echo x > deep/${long}/${long}/${long}/file; ` +
          'echo y > odd; /busybox chmod 640 odd; /busybox ln -s ../odd deep/link; /busybox mkfifo pipe; ' +
          '/busybox dd if=/dev/zero of=big bs=1M count=5; echo warning >&2; exit 3',
      ),
      shell('clean', '/busybox ls -A /inout; echo > /busybox-new || echo read-only'),
      shell('killed', 'kill -SEGV $$'),
      shell('slow', '/busybox sleep 1000', { wallTimeMs: 1000 }),
      { name: 'missing', launch: { argv: ['/nothing'] }, wallTimeMs: 60_000 },
      {
        name: 'mounted',
        launch: {
          argv: ['/busybox', 'cat', '/there/fact'],
          chroot: root,
          mounts: [{ source: other, target: '/there', readOnly: true }],
        },
        wallTimeMs: 60_000,
      },
    ],
  });

  const said = (name: string): string => readFileSync(ended(outcomes.get(name)).stdoutPath, 'utf8');
  const ending = (name: string): unknown => ended(outcomes.get(name)).result.ending;
  assert.match(kernel, /^Linux 5\.10\.0-\d+-cloud-amd64 #1 SMP Debian 5\.10\.\d+/);
  assert.match(said('surroundings'), /^5\.10\.0-\d+-cloud-amd64\n65534\nnull\nurandom\nzero\nword\n$/);
  assert.equal(said('input'), '00c6b06b5f2fb35a9085c0fa236015f6  -\n');

  const { inout, stderr } = ended(outcomes.get('left'));
  assert.deepEqual(ending('left'), { kind: 'exited', exitCode: 3 });
  assert.include(stderr, 'warning\n');
  assert.equal(readFileSync(join(inout, 'deep', long, long, long, 'file'), 'utf8'), 'x\n');
  assert.equal(lstatSync(join(inout, 'odd')).mode & 0o777, 0o640);
  assert.equal(readlinkSync(join(inout, 'deep/link')), '../odd');
  assert.isTrue(readFileSync(join(inout, 'big')).equals(Buffer.alloc(5 << 20)));
  assert.isTrue(lstatSync(join(inout, 'pipe')).isFile());

  assert.equal(said('clean'), 'read-only\n');
  assert.deepEqual(ending('killed'), { kind: 'signaled', signal: 'SIGSEGV', coreDumped: false });
  assert.deepEqual(ending('slow'), { kind: 'limited', limit: 'wall-time' });
  const missing = outcomes.get('missing');
  assert.equal(missing?.kind === 'not started' ? missing.error.code : missing?.kind, 'exec-failed');
  assert.equal(said('mounted'), 'from the machine\n');
});

test('SIGKILL of the harness ends the emulator, and what it leaves is found', async ({ assert }) => {
  await using work = await temporaryDirectory('a test of the guest');
  const [root, directory] = [join(work.path, 'root'), join(work.path, 'run')];
  await putBusybox(root);
  mkdirSync(directory);
  const fixture = join(import.meta.dirname, '../support/guest-and-wait.ts');
  const child = spawn(process.execPath, [fixture, root, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let family = await descendantsOf(child.pid ?? 0);
  await until(async () => {
    family = await descendantsOf(child.pid ?? 0);
    return family.some(({ name }) => name.startsWith('qemu-system'));
  });
  child.kill('SIGKILL');
  await exited;
  await until(async () => Promise.resolve(!family.some(isAlive)));
  assert.isFalse(family.some(isAlive));
  const mine = `redoubt-${(child.pid ?? 0).toString(36)}-`;
  await removeLeftovers((await findLeftovers()).filter(({ path }) => path.includes(mine)));
});
