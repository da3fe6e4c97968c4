import { test } from '@japa/runner';
import type { Group } from '@japa/runner/core';

import { openChrootHost } from '../../../harness/host/chroot/chroot-host.ts';
import { type DockerConnection, ensureDocker } from '../../../harness/host/docker/docker-daemon.ts';
import { openDockerHost } from '../../../harness/host/docker/docker-host.ts';
import type { CompletedProcess, Engine, Host, ProcessSpec } from '../../../harness/host/engine.ts';
import { silent } from '../../../harness/host/progress.ts';
import { startPodman } from './podman-service.ts';
import { debianRoot } from './shared-host.ts';

export type ShellResult = Omit<CompletedProcess, 'stdout'> & { readonly stdout: string };

/** One engine to try things on. */
export interface EngineBench {
  readonly engine: Engine;
  /** A Debian root, with a shell, perl and coreutils. */
  readonly openHost: () => Promise<Host>;
  readonly openRoot: (name: string, path: string) => Promise<Host>;
  /** Runs a shell script in the Debian root; returns its standard output, trimmed, and how it ended. */
  readonly shell: (script: string, spec?: Omit<ProcessSpec, 'argv'>) => Promise<ShellResult>;
  /** What an engine gives where engines rightly differ: every one must be named. */
  readonly expected: <Value>(table: Readonly<Record<Engine, Value>>) => Value;
}

interface Tried {
  readonly name: string;
  readonly engine: Engine;
  readonly connect?: () => Promise<DockerConnection>;
}

const isFull = process.env['REDOUBT_TEST_TIER'] === 'full';
const tried: readonly Tried[] = [
  { name: 'chroot', engine: 'chroot' },
  { name: 'docker', engine: 'docker', connect: () => ensureDocker(silent) },
  ...(isFull ? [{ name: 'docker by podman', engine: 'docker' as const, connect: startPodman }] : []),
];

/** Defines the same group of tests for every engine. */
export function forEachEngine(title: string, define: (bench: EngineBench, group: Group) => void): void {
  for (const { name, engine, connect } of tried) {
    test.group(`${title} (${name})`, (group) => {
      let docker: DockerConnection | undefined;
      if (connect !== undefined) {
        group.setup(async () => {
          docker = await connect();
          return async () => docker?.[Symbol.asyncDispose]();
        });
      }
      define(
        benchOf(engine, () => docker),
        group,
      );
    });
  }
}

function benchOf(engine: Engine, docker: () => DockerConnection | undefined): EngineBench {
  const open = async (name: string, path: string, key: string | undefined): Promise<Host> => {
    if (engine === 'chroot') return openChrootHost(name, path);
    const connection = docker();
    if (connection === undefined) throw new TypeError('no Docker daemon has been started for this group');
    return openDockerHost({ name, path, key }, connection);
  };
  const openHost = async (): Promise<Host> => {
    const { path, key } = await debianRoot();
    return open('debian:12', path, key);
  };
  return {
    engine,
    openHost,
    openRoot: (name, path) => open(name, path, undefined),
    shell: async (script, spec = {}) => {
      await using host = await openHost();
      const { stdout, ...rest } = await host.run({ argv: ['/bin/sh', '-c', script], ...spec });
      return { ...rest, stdout: stdout.toString('utf8').trim() };
    },
    expected: (table) => table[engine],
  };
}
