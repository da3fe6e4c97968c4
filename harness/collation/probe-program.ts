import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { RedoubtError } from '../error.ts';
import { publish } from '../host/cache.ts';
import { openChrootHost } from '../host/chroot/chroot-host.ts';
import type { Progress } from '../host/progress.ts';
import { buildRecipe } from '../host/debian/recipes.ts';
import { ensureRoot } from '../host/root.ts';

/**
 * The probe for a C library: before glibc 2.34 `dlopen` is in a library of its own, and a tree of newer libraries need not
 * have that one. Each is built against an old glibc, so that it runs on every later one.
 */
export type ProbeBuild = 'separate-libdl' | 'one-libc';

/** The major whose build root has the C library that a build is made against: glibc 2.31 and 2.36. */
const buildMajors: Readonly<Record<ProbeBuild, number>> = { 'separate-libdl': 13, 'one-libc': 15 };

const sourceDirectory = join(import.meta.dirname, 'native');
const flags = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror', '-s', '-Wl,--build-id=none'];
const compileTimeoutMs = 120_000;

/** The path of the probe on the machine, compiled once and kept by its sources. Throws `infrastructure`. */
export async function ensureProbe(build: ProbeBuild, progress: Progress): Promise<string> {
  const names = (await readdir(sourceDirectory)).toSorted();
  const digest = createHash('sha256').update(`${flags.join(' ')} ${String(buildMajors[build])}`);
  for (const name of names) digest.update(`\0${name}\0`).update(await readFile(join(sourceDirectory, name)));
  const directory = await publish(
    `probes/${build}-${digest.digest('hex').slice(0, 12)}`,
    (partial) => compile(build, names, partial, progress),
    () => progress('probe', 'waiting for another run that compiles it'),
  );
  return join(directory, 'probe');
}

async function compile(
  build: ProbeBuild,
  names: readonly string[],
  partial: string,
  progress: Progress,
): Promise<void> {
  const recipe = buildRecipe(buildMajors[build]);
  const root = await ensureRoot(recipe, progress);
  progress('probe', 'compiling what asks libraries for their order');
  await mkdir(partial, { recursive: true });
  for (const name of names) await copyFile(join(sourceDirectory, name), join(partial, name));
  await using host = await openChrootHost(recipe.name, root.path, progress);
  const { ending, stderr } = await host.run({
    argv: ['/usr/bin/gcc', ...flags, '-o', 'probe', ...names.filter((name) => name.endsWith('.c')), '-ldl'],
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    uid: 0,
    gid: 0,
    mounts: [{ source: partial, target: '/work', readOnly: false }],
    workingDirectory: '/work',
    systemMounts: true,
    limits: { wallTimeMs: compileTimeoutMs },
  });
  if (ending.kind === 'exited' && ending.exitCode === 0) return;
  throw new RedoubtError(
    'infrastructure',
    'compile-failed',
    `gcc cannot compile the collation probe in ${recipe.name}: ${stderr.trim().slice(-2000)}`,
    { details: { ending: JSON.stringify(ending) } },
  );
}
