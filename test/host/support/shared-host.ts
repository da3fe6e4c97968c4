import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { openChrootHost } from '../../../harness/host/chroot/chroot-host.ts';
import type { CompletedProcess, Host, ProcessSpec } from '../../../harness/host/engine.ts';
import { silent } from '../../../harness/host/progress.ts';
import { helperRecipe, hostRecipe } from '../../../harness/host/debian/recipes.ts';
import { ensureRoot, type Root } from '../../../harness/host/root.ts';

/** A Debian root out of the user's cache, with a shell, perl and coreutils to try things with. */
export function debianRoot(): Promise<Root> {
  return ensureRoot(hostRecipe('debian:12'), silent);
}

/** That root as a host. */
export async function debianHost(): Promise<Host> {
  return openChrootHost('debian:12', (await debianRoot()).path);
}

/** Puts a static busybox, the only program, at `/busybox` in a folder that is to be a root or a bundle. */
export async function putBusybox(directory: string): Promise<void> {
  const build = await ensureRoot(helperRecipe(), silent);
  await mkdir(directory, { recursive: true });
  await copyFile(join(build.path, 'usr/bin/busybox'), join(directory, 'busybox'));
  await chmod(join(directory, 'busybox'), 0o755);
}

/** Runs a shell script in the Debian root; returns its standard output, trimmed, and how it ended. */
export async function shell(
  script: string,
  spec: Omit<ProcessSpec, 'argv'> = {},
): Promise<Omit<CompletedProcess, 'stdout'> & { readonly stdout: string }> {
  await using host = await debianHost();
  const { stdout, ...rest } = await host.run({ argv: ['/bin/sh', '-c', script], ...spec });
  return { ...rest, stdout: stdout.toString('utf8').trim() };
}

/** Makes a temporary folder readable for the process's user, with one file and an open folder in it. */
export async function openToAll(path: string): Promise<void> {
  await chmod(path, 0o755);
  await writeFile(join(path, 'file'), 'content\n');
  for (const name of ['open', 'out']) await chmod(join(path, name), 0o777).catch(() => {});
}
