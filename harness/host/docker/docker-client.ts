import { existsSync } from 'node:fs';

import type { ContainerRuntimeClient } from 'testcontainers';

import { RedoubtError } from '../../error.ts';
import type { LimitMechanism } from '../engine.ts';

/** Docker's own client, as testcontainers found and set it up. */
export type DockerApi = ContainerRuntimeClient['container']['dockerode'];

export type Container = Awaited<ReturnType<DockerApi['createContainer']>>;
export type ContainerCreateOptions = Parameters<DockerApi['createContainer']>[0];
export type MountSettings = NonNullable<NonNullable<ContainerCreateOptions['HostConfig']>['Mounts']>[number];

/** A daemon that answers Docker's API: Docker's own, or podman's. */
export interface DockerClient {
  readonly api: DockerApi;
  /** `Docker 20.10.24` or `podman 4.3.1`, for people. */
  readonly name: string;
  readonly isPodman: boolean;
  readonly mechanism: LimitMechanism;
}

/** Sockets at which a daemon of the machine listens when nobody says otherwise; podman's only when Docker's is not there. */
const dockerSockets = ['/var/run/docker.sock', '/run/docker.sock'];
const podmanSockets = ['/run/podman/podman.sock', '/var/run/podman/podman.sock'];

/** A daemon that runs answers at once, or, on a loaded machine, soon. */
const usualPatienceMs = 30_000;

/** Whether this machine has, or the environment names, a daemon's socket: costs nothing, and promises nothing. */
export function mayHaveDocker(): boolean {
  return process.env['DOCKER_HOST'] !== undefined || [...dockerSockets, ...podmanSockets].some(existsSync);
}

/**
 * Connects to the daemon that `DOCKER_HOST` names, or to the machine's own. Throws `docker-unreachable` (infrastructure)
 * when none answers in time.
 */
export async function connectDocker(patienceMs = usualPatienceMs): Promise<DockerClient> {
  const podman = dockerSockets.some(existsSync) ? undefined : podmanSockets.find(existsSync);
  const isChosenHere = process.env['DOCKER_HOST'] === undefined && podman !== undefined;
  if (isChosenHere) process.env['DOCKER_HOST'] = `unix://${podman}`;
  // No container of ours has a port to be reached at: testcontainers need not look for the way to one.
  process.env['TESTCONTAINERS_HOST_OVERRIDE'] ??= 'localhost';
  // It brings a good deal with it that a run without containers need not load.
  const { getContainerRuntimeClient } = await import('testcontainers');
  try {
    const { container } = await answerOf(getContainerRuntimeClient(), patienceMs);
    const api = container.dockerode;
    const info = (await answerOf(api.info(), patienceMs)) as DockerInfo;
    const { Version, Components = [] } = (await answerOf(api.version(), patienceMs)) as DaemonVersion;
    const engine = Components.find(({ Name }) => Name.startsWith('Podman'));
    return {
      api,
      name: engine === undefined ? `Docker ${Version}` : `podman ${engine.Version}`,
      isPodman: engine !== undefined,
      mechanism: info.CgroupVersion === '2' ? 'cgroup-v2' : 'cgroup-v1',
    };
  } catch (cause) {
    const error = unreachable(cause);
    // A socket that nobody listens at any more is no wish of the user's.
    if (isChosenHere) delete process.env['DOCKER_HOST'];
    throw error;
  }
}

/** The error for a daemon that does not, or no longer, answer. */
export function unreachable(cause: unknown): RedoubtError {
  const at = process.env['DOCKER_HOST'] ?? 'its usual sockets';
  const why = cause instanceof Error ? cause.message : String(cause);
  return new RedoubtError(
    'infrastructure',
    'docker-unreachable',
    `no Docker daemon answers at ${at}: ${why}`,
    {
      remedy: 'Start it, set DOCKER_HOST, or use --engine chroot, which needs none.',
      cause,
    },
  );
}

interface DockerInfo {
  /** Absent before Docker 20.10. */
  readonly CgroupVersion?: string;
}

/** What GET /version answers; podman names itself among the components. */
interface DaemonVersion {
  readonly Version: string;
  readonly Components?: readonly { readonly Name: string; readonly Version: string }[];
}

async function answerOf<Value>(asked: Promise<Value>, patienceMs: number): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`no answer within ${String(patienceMs / 1000)} s`));
  }, patienceMs);
  try {
    return await Promise.race([asked, promise]);
  } finally {
    clearTimeout(timer);
  }
}
