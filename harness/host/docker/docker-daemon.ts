import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { RedoubtError } from '../../error.ts';
import { cacheDirectory, lockPath } from '../cache.ts';
import { logTail } from '../contained-command.ts';
import { removeGroupsNamed } from '../chroot/control-group-removal.ts';
import { groupName } from '../chroot/control-groups.ts';
import { hold, throwIfInterrupted } from '../interruption.ts';
import { acquireLock } from '../lock.ts';
import { ensureTools, requireRoot, type Tool } from '../machine/prerequisites.ts';
import type { Progress } from '../progress.ts';
import { daemonDirectory } from '../run-directory.ts';
import { connectDocker, type DockerClient, mayHaveDocker } from './docker-client.ts';
import { emptyDocker } from './docker-leftovers.ts';

/** A connection to a daemon; disposing it ends the daemon if it was started for this process. */
export interface DockerConnection extends DockerClient, AsyncDisposable {
  /** Whether the daemon was found, not started. */
  readonly isShared: boolean;
}

const dockerTools: readonly Tool[] = [{ program: 'dockerd', package: 'docker.io' }];
/** Its images stay in the cache; one daemon at a time can use them. */
const dataKey = 'docker/data';
const startTimeoutMs = 60_000;

/**
 * Connects to the machine's Docker daemon; where none answers one is installed with apt and started, which says so, for
 * this process alone: in process and mount namespaces of its own, without network, so that it ends with this process,
 * however that ends, and touches nothing of the machine's. Throws `docker-unreachable` for a DOCKER_HOST that does not
 * answer, `docker-start-failed`, `tools-missing`, `not-root` (infrastructure).
 */
export async function ensureDocker(progress: Progress): Promise<DockerConnection> {
  if (mayHaveDocker()) {
    try {
      return { ...(await connectDocker()), isShared: true, [Symbol.asyncDispose]: async () => {} };
    } catch (error) {
      if (process.env['DOCKER_HOST'] !== undefined) throw error;
    }
  }
  requireRoot('starting a Docker daemon');
  await ensureTools(progress, dockerTools);
  throwIfInterrupted();
  return startDaemon(progress);
}

async function startDaemon(progress: Progress): Promise<DockerConnection> {
  await using stack = new AsyncDisposableStack();
  // What the daemon keeps is in one place, and two daemons would spoil it for one another.
  const onWait = (): void =>
    progress(
      'docker',
      "waiting for the end of another run's own daemon; a daemon of the machine's would serve both",
    );
  stack.use(await acquireLock(lockPath(dataKey), onWait));
  // testcontainers keeps its client for good: the next daemon of this process must listen at the same place.
  const place = stack.use(await daemonDirectory('docker'));
  const data = join(cacheDirectory(), dataKey);
  await mkdir(data, { recursive: true });
  const group = groupName();
  stack.defer(() => removeGroupsNamed(group));
  progress('docker', 'no daemon answers: starting one for this run');
  const log = join(place.path, 'log');
  const child = await spawnDaemon(place.path, data, group, log);
  const ended = once(child, 'exit');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  const forget = hold('process', async () => {
    await kill();
    await removeGroupsNamed(group);
  });
  stack.defer(async () => {
    forget();
    await kill();
  });
  const socket = join(place.path, 'docker.sock');
  await waitForSocket(child, socket, log);
  process.env['DOCKER_HOST'] = `unix://${socket}`;
  stack.defer(() => {
    delete process.env['DOCKER_HOST'];
  });
  const client = await connectDocker(startTimeoutMs);
  // A run that was killed took its daemon along, and left it no time to clear away.
  await emptyDocker(client.api);
  const kept = stack.move();
  return { ...client, isShared: false, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function spawnDaemon(place: string, data: string, group: string, log: string): Promise<ChildProcess> {
  await using output = await open(log, 'a');
  // The shell is the first process of the namespace, and reaps what containers leave behind them.
  const contained = ['--fork', '--kill-child=KILL', '--pid', '--mount', '--mount-proc'];
  const shell = ['sh', '-c', 'dockerd "$@" & wait $!', 'sh'];
  const options: Readonly<Record<string, string>> = {
    host: `unix://${join(place, 'docker.sock')}`,
    'data-root': data,
    'exec-root': join(place, 'exec'),
    pidfile: join(place, 'pid'),
    bridge: 'none',
    iptables: 'false',
    ip6tables: 'false',
    'ip-masq': 'false',
    'cgroup-parent': `/${group}`,
    'exec-opt': 'native.cgroupdriver=cgroupfs',
  };
  const daemon = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  return spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...contained, ...shell, ...daemon], {
    // A Ctrl-C in the terminal is for the harness alone; this ends with it.
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
    env: { PATH: process.env['PATH'] ?? '', HOME: place },
  });
}

async function waitForSocket(child: ChildProcess, socket: string, log: string): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  while (!existsSync(socket)) {
    throwIfInterrupted();
    const isGone = child.exitCode !== null || child.signalCode !== null;
    if (isGone || performance.now() > deadline) {
      const tail = await logTail(log);
      throw new RedoubtError(
        'infrastructure',
        'docker-start-failed',
        `the Docker daemon does not start: ${tail.split('\n').at(-1) ?? ''}`,
        { remedy: 'Use --engine chroot, or start Docker yourself.', details: { logTail: tail } },
      );
    }
    await setTimeout(20);
  }
}
