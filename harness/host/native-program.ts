import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { cacheDirectory, publish } from './cache.ts';
import { runContained } from './contained-command.ts';
import type { Progress } from './progress.ts';
import { helperRecipe } from './debian/recipes.ts';
import { ensureRoot } from './root.ts';

/** A native program of the harness's own: all C sources of one folder. */
export interface NativeProgram {
  readonly name: string;
  readonly sourceDirectory: string;
}

/** Static, so that it depends on nothing of the machine or of a root. */
const compiler = ['gcc', '-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror', '-static', '-s'];

const made = new Map<string, Promise<string>>();

/**
 * The path of a native program, compiled once in a build root; keyed by its sources. Throws `infrastructure` when the
 * root cannot be made or the compiler fails.
 */
export function ensureNativeProgram(program: NativeProgram, progress: Progress): Promise<string> {
  const known = made.get(program.name);
  if (known !== undefined) return known;
  const making = make(program, progress).catch((error: unknown) => {
    made.delete(program.name);
    throw error;
  });
  made.set(program.name, making);
  return making;
}

/** The path of the program's folder inside the cache, as the sources are now. */
function cacheKey({ name, sourceDirectory }: NativeProgram): string {
  const digest = createHash('sha256').update(compiler.join(' '));
  for (const source of sourcesIn(sourceDirectory))
    digest.update(`\0${source}\0`).update(readFileSync(join(sourceDirectory, source)));
  return `helpers/${name}-${digest.digest('hex').slice(0, 12)}`;
}

async function make(program: NativeProgram, progress: Progress): Promise<string> {
  const directory = await publish(
    cacheKey(program),
    (partial) => compile(program, partial, progress),
    () => progress(program.name, 'waiting for another run that compiles it'),
  );
  return join(directory, program.name);
}

async function compile(
  { name, sourceDirectory }: NativeProgram,
  partial: string,
  progress: Progress,
): Promise<void> {
  const root = await ensureRoot(helperRecipe(), progress);
  progress(name, 'compiling it');
  const sources = sourcesIn(sourceDirectory);
  for (const source of sources) await copyFile(join(sourceDirectory, source), join(partial, source));
  const units = sources.filter((source) => source.endsWith('.c')).map((source) => `/tmp/work/${source}`);
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
      `/tmp/work/${name}`,
      ...units,
    ],
    logPath: join(logs, 'helper.log'),
  });
  await chmod(join(partial, name), 0o755);
}

function sourcesIn(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((name) => /\.[ch]$/.test(name))
    .toSorted();
}
