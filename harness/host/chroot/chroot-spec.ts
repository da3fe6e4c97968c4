import { posix } from 'node:path';

import { RedoubtError } from '../../error.ts';
import type { ControlGroups } from './control-groups.ts';
import type { Circumstances, ProcessSpec, Watch } from '../engine.ts';

/** What the helper needs to know besides the process itself. */
export interface ChrootContext {
  readonly root: string;
  /** An empty folder of the machine on which the helper assembles the root, in a mount namespace of its own. */
  readonly stage: string;
  readonly harnessPid: number;
  readonly groups: ControlGroups;
  /** A fresh name for this process's control groups. */
  readonly groupName: string;
  /** Set when a container engine makes the root: mounts and limits but for time and output are then its own. */
  readonly contained?: ContainedContext;
}

/** What the first process of a container needs. */
export interface ContainedContext {
  /** The socket on the machine at which it calls. */
  readonly link: string;
  /** Symbolic links at the top of `chroot`, with what they point to: no container engine can mount one. */
  readonly chrootLinks: readonly (readonly [name: string, destination: string])[];
}

/**
 * The spec as native/spec.c reads it: a little-endian u32 length, then NUL-terminated words, each keyword followed by
 * its values. Throws `usage` for a word that holds a NUL and for paths that are not absolute.
 */
export function encodeSpec(spec: ProcessSpec, context: ChrootContext): Buffer {
  const words = [
    ...contextWords(context),
    ...processWords(spec),
    ...circumstanceWords(spec.circumstances ?? {}),
    ...watchWords(spec.watch),
    ...limitWords(spec, context),
  ].map(String);
  for (const word of words) {
    if (word.includes('\0')) throw invalid(`the word ${JSON.stringify(word)} holds a NUL byte`);
  }
  const body = Buffer.from(words.map((word) => `${word}\0`).join(''));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([length, body]);
}

type Words = readonly (string | number)[];

function contextWords({ root, stage, harnessPid, contained }: ChrootContext): Words {
  return [
    'harness',
    harnessPid,
    'root',
    absolute(root),
    'stage',
    absolute(stage),
    ...(contained === undefined
      ? []
      : [
          'link',
          absolute(contained.link),
          ...contained.chrootLinks.flatMap((link) => ['chroot-link', ...link]),
        ]),
  ];
}

function processWords(spec: ProcessSpec): Words {
  const {
    argv,
    env = {},
    stdin = { kind: 'null' },
    stdout = { kind: 'pipe' },
    stderr = { kind: 'pipe' },
  } = spec;
  return [
    ...argv.flatMap((argument, index) => ['argument', index === 0 ? absolute(argument) : argument]),
    ...Object.entries(env).flatMap(([name, value]) => ['environment', `${environmentName(name)}=${value}`]),
    ...(spec.workingDirectory === undefined ? [] : ['working-directory', absolute(spec.workingDirectory)]),
    'uid',
    spec.uid ?? 65534,
    'gid',
    spec.gid ?? 65534,
    ...(spec.chroot === undefined ? [] : ['chroot', absolute(spec.chroot)]),
    ...(spec.systemMounts === true ? ['system-mounts'] : []),
    ...(spec.mounts ?? []).flatMap(({ source, target, readOnly }) => [
      'mount',
      readOnly ? 'ro' : 'rw',
      absolute(source),
      absolute(target),
    ]),
    ...(stdin.kind === 'closed' ? ['stdin-closed'] : []),
    ...(stdin.kind === 'file' ? ['stdin', absolute(stdin.path), stdin.offsetBytes ?? 0] : []),
    ...(stdout.kind === 'file'
      ? ['stdout', stdout.append === true ? 'append' : 'truncate', absolute(stdout.path)]
      : []),
    ...(stderr.kind === 'file'
      ? ['stderr', stderr.append === true ? 'append' : 'truncate', absolute(stderr.path)]
      : []),
  ];
}

function circumstanceWords(circumstances: Circumstances): Words {
  const { umask, argv0, inheritedDescriptors = 0, resourceLimits = {}, devices } = circumstances;
  return [
    ...(umask === undefined ? [] : ['umask', umask]),
    ...(argv0 === undefined ? [] : ['argv0', argv0]),
    ...(inheritedDescriptors === 0
      ? []
      : ['descriptors', positive(inheritedDescriptors, 'inheritedDescriptors')]),
    ...Object.entries(resourceLimits).flatMap(([name, value]) => [
      'resource',
      name,
      value === 'unlimited' ? -1 : positive(value, name),
    ]),
    ...(devices === 'none' ? ['no-devices'] : []),
  ];
}

function watchWords(watch: Watch | undefined): Words {
  if (watch === undefined) return [];
  const { path, untoldFolder, newestSystemCall = -1 } = watch;
  return [
    'watch',
    absolute(path),
    newestSystemCall,
    untoldFolder === undefined ? '' : absolute(untoldFolder),
  ];
}

function limitWords({ limits = {} }: ProcessSpec, { groups, groupName }: ChrootContext): Words {
  const { wallTimeMs, memoryBytes, outputBytes, processes } = limits;
  return [
    'mechanism',
    groups.mechanism,
    ...(wallTimeMs === undefined ? [] : ['wall-ms', positive(wallTimeMs, 'wallTimeMs')]),
    ...(memoryBytes === undefined ? [] : ['memory-bytes', positive(memoryBytes, 'memoryBytes')]),
    ...(outputBytes === undefined ? [] : ['output-bytes', positive(outputBytes, 'outputBytes')]),
    ...(processes === undefined ? [] : ['processes', positive(processes, 'processes')]),
    ...(memoryBytes === undefined || groups.memoryParent === undefined
      ? []
      : ['memory-group', posix.join(groups.memoryParent, groupName)]),
    ...(processes === undefined || groups.pidsParent === undefined
      ? []
      : ['pids-group', posix.join(groups.pidsParent, groupName)]),
  ];
}

function absolute(path: string): string {
  if (!posix.isAbsolute(path)) throw invalid(`the path ${path} is not absolute`);
  return path;
}

function environmentName(name: string): string {
  if (name === '' || name.includes('='))
    throw invalid(`${JSON.stringify(name)} is no name of an environment variable`);
  return name;
}

function positive(value: number, name: string): number {
  if (!Number.isSafeInteger(value) || value <= 0)
    throw invalid(`the limit ${name} is ${value}, not a positive integer`);
  return value;
}

function invalid(message: string): RedoubtError {
  return new RedoubtError('usage', 'invalid-process-spec', message, {
    remedy: 'Correct what the process was asked to be started with.',
  });
}
