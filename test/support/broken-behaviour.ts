import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Bundle } from '../../harness/bundle/open.ts';
import { runBuildTool } from '../../harness/bundle/reference/compile-native.ts';
import { publish } from '../../harness/host/cache.ts';
import { openChrootHost } from '../../harness/host/chroot/chroot-host.ts';
import { silent } from '../../harness/host/progress.ts';
import { buildRecipe } from '../../harness/host/debian/recipes.ts';
import { ensureRoot } from '../../harness/host/root.ts';
import { binaries, copyBundle } from './broken-bundle.ts';

/** One way in which a bundle does not behave as agreed; misbehave.c says what each does. */
export interface Misbehaviour {
  readonly program: 'LAUNCHER' | 'postgres' | 'initdb';
  readonly kind:
    | LauncherKind
    | 'needs-device'
    | 'needs-input'
    | 'hangs-without-input'
    | 'other-exit-code'
    | 'refuses-descriptors'
    | 'needs-files'
    | 'needs-call'
    | 'tries-call'
    | 'opens'
    | 'connects'
    | 'page-at-end'
    | 'half-page'
    | 'previous-for-unfit'
    | 'bad-end'
    | 'buffers'
    | 'page-by-umask'
    | 'page-by-directory'
    | 'page-by-variable'
    | 'ping-twice'
    | 'hangs-on-tag'
    | 'previous-without-begin'
    | 'keeps-memory';
  readonly text?: string;
}

type LauncherKind =
  | 'forks'
  | 'swallows-exit-code'
  | 'turns-signals'
  | 'one-at-a-time'
  | 'splits-flags'
  | 'drops-empty-flags'
  | 'name-matters'
  | 'help-for-all'
  | 'any-version'
  | 'any-program'
  | 'paths';

const source = join(import.meta.dirname, 'misbehave.c');
const compiler = [
  '/usr/bin/gcc',
  '-std=gnu11',
  '-O2',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-static',
  '-s',
] as const;

/** Compiles misbehave.c once, in a build root; kept in the cache by its source. */
async function ensureMisbehaving(): Promise<string> {
  const digest = createHash('sha256')
    .update(JSON.stringify(compiler))
    .update(await readFile(source));
  const directory = await publish(`test-misbehave/${digest.digest('hex').slice(0, 12)}`, async (partial) => {
    const root = await ensureRoot(buildRecipe(15), silent);
    await using host = await openChrootHost(root.name, root.path);
    await copyFile(source, join(partial, 'misbehave.c'));
    await runBuildTool(host, partial, [...compiler, '-o', 'misbehave', 'misbehave.c']);
    await chmod(join(partial, 'misbehave'), 0o755);
  });
  return join(directory, 'misbehave');
}

/** A bundle whose programs can be made to misbehave, one at a time: its copy takes longer than a test of it. */
export interface MisbehavingBundle {
  readonly bundle: Bundle;
  /** Lets one program misbehave from now on, and all others be sound. */
  readonly misbehave: (misbehaviour: Misbehaviour) => Promise<void>;
}

const programs = ['LAUNCHER', 'postgres', 'initdb'] as const;

interface Place {
  readonly program: Misbehaviour['program'];
  readonly path: string;
}

/** Copies the reference bundle, cut down to some majors, into a folder that must not exist yet. */
export async function misbehavingBundle(
  reference: Bundle,
  directory: string,
  majors: readonly number[] = [17],
): Promise<MisbehavingBundle> {
  await copyBundle(reference.directory, directory, majors);
  const places = programs.flatMap((program): readonly Place[] =>
    program === 'LAUNCHER'
      ? [{ program, path: join(directory, program) }]
      : majors.map((major) => ({ program, path: join(binaries(directory, major), program) })),
  );
  for (const { path } of places) {
    await rename(path, `${path}-sound`);
    await copyFile(await ensureMisbehaving(), path);
    await chmod(path, 0o755);
  }
  return {
    bundle: { ...reference, source: directory, directory },
    misbehave: async ({ program: chosen, kind, text = '' }) => {
      for (const { program, path } of places) {
        const words = program === chosen ? [`kind ${kind}`, `text ${text}`] : ['kind none'];
        await writeFile(`${path}.fault`, `${[`sound ${program}-sound`, ...words].join('\n')}\n`);
      }
    },
  };
}

/**
 * The same programs as a bundle of the layout pg-install that leans on its host: both start the reference bundle's, which
 * then lies among the host's files, and do first what `kind` says.
 */
export async function leanOnHost(
  reference: Bundle,
  { kind, text = '' }: Pick<Misbehaviour, 'kind' | 'text'>,
  directory: string,
  majors: readonly number[] = [17],
): Promise<Bundle> {
  await copyBundle(reference.directory, join(directory, 'sound'), majors);
  for (const major of majors) {
    const bin = join(directory, `v${String(major)}`, 'bin');
    await mkdir(bin, { recursive: true });
    for (const program of ['initdb', 'postgres']) {
      const fault = [
        'sound ../../sound/LAUNCHER',
        `argument v${String(major)}`,
        `argument ${program}`,
        `kind ${kind}`,
        `text ${text}`,
      ];
      await copyFile(await ensureMisbehaving(), join(bin, program));
      await chmod(join(bin, program), 0o755);
      await writeFile(join(bin, `${program}.fault`), `${fault.join('\n')}\n`);
    }
  }
  return { ...reference, source: directory, layout: 'pg-install', directory };
}
