import { posix } from 'node:path';

import { RedoubtError } from '../../error.ts';
import type { ProcessSpec } from '../engine.ts';
import { ownerToken } from '../owner.ts';
import type { ContainerCreateOptions, MountSettings } from './docker-client.ts';

/** Marks whatever this harness makes in a daemon, with its owner as the value: leftovers are found by it. */
export const containerLabel = 'redoubt.owner';

/** Where the harness's own things appear in a container. */
const enterTarget = '/redoubt/enter';
const linkTarget = '/redoubt/link';
/** As in native/enter.h. */
export const chrootPlace = '/redoubt-chroot';

/** The name of the supervisor's socket in its folder. */
export const linkName = 'socket';

/** An entry at the top of a folder that a process is chrooted into. */
export type TopEntry =
  | { readonly kind: 'mountable'; readonly name: string }
  | { readonly kind: 'link'; readonly name: string; readonly destination: string };

export interface ContainerContext {
  readonly imageId: string;
  readonly hostName: string;
  /** The native helper on the machine. */
  readonly helper: string;
  /** The folder on the machine with the supervisor's socket. */
  readonly linkDirectory: string;
  readonly isPodman: boolean;
  /** Of `spec.chroot`; empty without one. */
  readonly topEntries: readonly TopEntry[];
}

const capabilities = ['KILL', 'SETGID', 'SETPCAP', 'SETUID'];
const devices = ['null', 'zero', 'urandom'];
/** What the container engine's own programs need for themselves until the first process runs. */
const startingProcesses = 256;
const scratchBytes = 2 ** 30;
/** Where podman puts folders that can be written into a root that is read-only. */
const podmanScratch = ['/run', '/tmp', '/var/tmp'];

/**
 * The container for one process: unprivileged but for what its first process needs to become the payload, without
 * network, read-only but for the mounts that the spec says, with the spec's limits. Throws `engine-cannot`
 * (infrastructure), naming what this engine has no way to do.
 */
export function containerOptions(spec: ProcessSpec, context: ContainerContext): ContainerCreateOptions {
  requireFeasible(spec);
  const { memoryBytes, processes } = spec.limits ?? {};
  return {
    Image: context.imageId,
    Entrypoint: [enterTarget, '--contained', posix.join(linkTarget, linkName)],
    Cmd: [],
    Env: [],
    User: '0:0',
    WorkingDir: '/',
    Hostname: 'redoubt',
    NetworkDisabled: true,
    StopSignal: 'SIGKILL',
    Labels: { [containerLabel]: ownerToken(), 'redoubt.host': context.hostName },
    HostConfig: {
      NetworkMode: 'none',
      IpcMode: spec.systemMounts === true ? 'private' : 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      CapAdd: [
        ...capabilities,
        ...(spec.chroot === undefined ? [] : ['SYS_CHROOT']),
        ...(spec.watch === undefined ? [] : ['SYS_PTRACE']),
      ],
      // What the daemon's own filter refuses would never be seen by a watch, whose filter is instead of it.
      SecurityOpt: ['no-new-privileges', ...(spec.watch === undefined ? [] : ['seccomp=unconfined'])],
      RestartPolicy: { Name: 'no' },
      // podman would raise them beyond what it may itself have.
      Ulimits: [
        { Name: 'nofile', Soft: 1024, Hard: 16_384 },
        { Name: 'nproc', Soft: 32_768, Hard: 32_768 },
      ],
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
      Mounts: mountsOf(spec, context),
      Tmpfs: {
        ...(context.isPodman ? Object.fromEntries(podmanScratch.map((place) => [place, 'ro'])) : {}),
        ...(spec.systemMounts === true ? { '/tmp': `mode=1777,size=${String(scratchBytes)},exec` } : {}),
      },
      ...(spec.systemMounts === true ? { ShmSize: scratchBytes } : {}),
      ...(memoryBytes === undefined ? {} : { Memory: memoryBytes, MemorySwap: memoryBytes }),
      ...(processes === undefined ? {} : { PidsLimit: startingProcesses + processes }),
    },
  };
}

/** What is mounted in the place of an entry of the bundle hides it; a daemon takes only one mount for each place. */
function mountsOf(spec: ProcessSpec, context: ContainerContext): MountSettings[] {
  const base = spec.chroot === undefined ? '' : chrootPlace;
  const mounts = [
    readOnlyBind(context.helper, enterTarget),
    readOnlyBind(context.linkDirectory, linkTarget),
    ...chrootMounts(spec, context.topEntries),
    ...(spec.mounts ?? []).map(({ source, target, readOnly }) =>
      bind(source, posix.join('/', base, target), readOnly),
    ),
  ];
  return [...new Map(mounts.map((mount) => [mount.Target, mount])).values()];
}

/** A root of its own for a bundle: a container engine cannot put anything into a folder that is read-only. */
function chrootMounts({ chroot, circumstances }: ProcessSpec, entries: readonly TopEntry[]): MountSettings[] {
  if (chroot === undefined) return [];
  return [
    {
      Type: 'tmpfs',
      Source: '',
      Target: chrootPlace,
      TmpfsOptions: { SizeBytes: 4 * 2 ** 20, Mode: 0o755 },
    },
    ...entries.flatMap((entry) =>
      entry.kind === 'mountable'
        ? [readOnlyBind(posix.join(chroot, entry.name), posix.join(chrootPlace, entry.name))]
        : [],
    ),
    ...(circumstances?.devices === 'none'
      ? []
      : devices.map((name) => readOnlyBind(`/dev/${name}`, `${chrootPlace}/dev/${name}`))),
  ];
}

function readOnlyBind(source: string, target: string): MountSettings {
  return bind(source, target, true);
}

function bind(source: string, target: string, readOnly: boolean): MountSettings {
  return { Type: 'bind', Source: source, Target: target, ReadOnly: readOnly };
}

function requireFeasible({ circumstances, chroot }: ProcessSpec): void {
  if (circumstances?.devices === 'none' && chroot === undefined)
    throw cannot('leave the devices out of a container');
}

function cannot(what: string): RedoubtError {
  return new RedoubtError('infrastructure', 'engine-cannot', `the docker engine cannot ${what}`, {
    remedy: 'Use --engine chroot for it.',
  });
}
