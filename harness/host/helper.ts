import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { cacheDirectory, publish } from './cache.ts';
import { runContained } from './contained-command.ts';
import type { Progress } from './progress.ts';
import { helperRecipe } from './recipes.ts';
import { ensureRoot } from './root.ts';

const sourceDirectory = join(import.meta.dirname, 'native');

/** Static, so that it depends on nothing of the machine or of a root. */
const compiler = ['gcc', '-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror', '-static', '-s'];

let made: Promise<string> | undefined;

/**
 * The path of the native helper `enter`, compiled once in a build root; keyed by its sources. Throws `infrastructure`
 * when the root cannot be made or the compiler fails.
 */
export function ensureHelper(progress: Progress): Promise<string> {
  made ??= make(progress).catch((error: unknown) => {
    made = undefined;
    throw error;
  });
  return made;
}

/** The path of the helper inside the cache, as the sources are now. */
export function helperCacheKey(): string {
  const digest = createHash('sha256').update(compiler.join(' '));
  for (const name of sources())
    digest.update(`\0${name}\0`).update(readFileSync(join(sourceDirectory, name)));
  return `helpers/enter-${digest.digest('hex').slice(0, 12)}`;
}

async function make(progress: Progress): Promise<string> {
  const directory = await publish(
    helperCacheKey(),
    (partial) => compile(partial, progress),
    () => progress('helper', 'waiting for another run that compiles it'),
  );
  return join(directory, 'enter');
}

async function compile(partial: string, progress: Progress): Promise<void> {
  const root = await ensureRoot(helperRecipe(), progress);
  progress('helper', 'compiling the chroot engine');
  const names = sources();
  for (const name of names) await copyFile(join(sourceDirectory, name), join(partial, name));
  const units = names.filter((name) => name.endsWith('.c')).map((name) => `/tmp/work/${name}`);
  const logs = join(cacheDirectory(), 'logs');
  await mkdir(logs, { recursive: true });
  // The mounts are made in a namespace of the command's own: nothing is written in the root, nothing seen outside.
  const script =
    'mount -t tmpfs redoubt "$1/tmp"; mkdir "$1/tmp/work"; mount --bind "$2" "$1/tmp/work"; shift 2; exec chroot "$@"';
  await runContained({
    argv: [
      'sh',
      '-ec',
      script,
      'sh',
      root.path,
      partial,
      root.path,
      ...compiler,
      '-o',
      '/tmp/work/enter',
      ...units,
    ],
    logPath: join(logs, 'helper.log'),
  });
  await chmod(join(partial, 'enter'), 0o755);
}

function sources(): readonly string[] {
  return readdirSync(sourceDirectory)
    .filter((name) => /\.[ch]$/.test(name))
    .toSorted();
}
