import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { RedoubtError } from '../error.ts';
import { publish } from '../host/cache.ts';
import { openChrootHost } from '../host/chroot/chroot-host.ts';
import type { Host } from '../host/engine.ts';
import type { Progress } from '../host/progress.ts';
import { regressionRecipe, serverSource } from '../host/debian/recipes.ts';
import { rootKey, sourceKey } from '../host/debian/root-recipe.ts';
import { ensureRoot } from '../host/root.ts';

/** PostgreSQL's own regression suite of one major, ready to be run by psql. */
export interface RegressionSuite {
  readonly major: number;
  /** The source package and its version: `postgresql-17 17.11-0+deb13u1`. */
  readonly origin: string;
  /** Holds `sql/`, `expected/`, `data/`, and in `lib/` the C functions that the scripts load. */
  readonly directory: string;
  /** The names of the scripts in the order of the suite's own schedule. */
  readonly scripts: readonly string[];
  /** Scripts that are there, but not in the schedule: PostgreSQL's own `make check` leaves them out as well. */
  readonly unscheduled: readonly string[];
  /** SHA-256 over the origin, the names, and how it was made. */
  readonly digest: string;
}

/** Raised whenever a suite is made differently from the same source. */
const suiteVersion = 1;

/** The folders of src/test/regress that a run reads. */
const folders = ['sql', 'expected', 'data'] as const;

interface Library {
  readonly name: string;
  /** Its only file. */
  readonly source: string;
  readonly flags: readonly string[];
}

/** What src/test/regress/GNUmakefile builds for the scripts, from where in the source tree. */
const libraries: readonly Library[] = [
  { name: 'regress', source: 'src/test/regress/regress.c', flags: [] },
  { name: 'autoinc', source: 'contrib/spi/autoinc.c', flags: [] },
  // As contrib/spi/Makefile: the scripts expect its notices.
  { name: 'refint', source: 'contrib/spi/refint.c', flags: ['-DREFINT_VERBOSE'] },
];

const scheduleFile = 'parallel_schedule';
const libraryTarget = '/redoubt/lib';

/**
 * The regression suite of a major out of Debian's source package, which apt fetches and checks; kept in the cache. Throws
 * `usage` when Debian has no such package, `regression-suite` (infrastructure) when it is not laid out as expected or does
 * not compile, or what making a root throws.
 */
export async function ensureRegressionSuite(major: number, progress: Progress): Promise<RegressionSuite> {
  const recipe = regressionRecipe(major);
  const root = await ensureRoot(recipe, progress);
  const name = serverSource(major);
  const source = join('/usr/src', name);
  const origin = `${name} ${root.packages[sourceKey(name)] ?? 'of unknown version'}`;
  const directory = await publish(
    `regression/pg${String(major)}-${rootKey(recipe)}-${String(suiteVersion)}`,
    async (partial) => {
      progress(
        `regression suite ${String(major)}`,
        `compiling ${libraries.map(({ name }) => name).join(', ')}`,
      );
      const suite = join(root.path, source, 'src/test/regress');
      for (const folder of folders) {
        await cp(join(suite, folder), join(partial, folder), { recursive: true });
      }
      await cp(join(suite, scheduleFile), join(partial, scheduleFile));
      await mkdir(join(partial, 'lib'));
      await using host = await openChrootHost(root.name, root.path, progress);
      for (const library of libraries) await compile(host, major, join(partial, 'lib'), source, library);
    },
  );
  const scripts = parseSchedule(await readFile(join(directory, scheduleFile), 'utf8'));
  if (scripts.length === 0) throw unusable(`the schedule of ${origin} names no script`);
  const unscheduled = (await readdir(join(directory, 'sql')))
    .map((file) => file.replace(/\.sql$/, ''))
    .filter((script) => !scripts.includes(script))
    .toSorted();
  const digest = createHash('sha256')
    .update(JSON.stringify([suiteVersion, origin, scripts]))
    .digest('hex');
  return { major, origin, directory, scripts, unscheduled, digest };
}

/** The scripts that a schedule of pg_regress names, in order: `test: a b c`, the rest is comments. */
export function parseSchedule(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('test:'))
    .flatMap((line) => line.slice('test:'.length).split(/\s+/))
    .filter((name) => name !== '');
}

function compilerFlags(major: number): readonly string[] {
  const headers = `/usr/include/postgresql/${String(major)}/server`;
  return ['-std=gnu11', '-O2', '-fPIC', '-shared', '-fno-strict-aliasing', '-fwrapv', `-I${headers}`];
}

async function compile(
  host: Host,
  major: number,
  libraryDirectory: string,
  source: string,
  library: Library,
): Promise<void> {
  const output = `${libraryTarget}/${library.name}.so`;
  const { ending, stderr } = await host.run({
    argv: [
      '/usr/bin/gcc',
      ...compilerFlags(major),
      ...library.flags,
      '-o',
      output,
      join(source, library.source),
    ],
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    uid: 0,
    gid: 0,
    mounts: [{ source: libraryDirectory, target: libraryTarget, readOnly: false }],
    systemMounts: true,
    limits: { wallTimeMs: 300_000 },
  });
  if (ending.kind === 'exited' && ending.exitCode === 0) return;
  throw unusable(`${library.source} does not compile in ${host.name}: ${stderr.trim().slice(-2000)}`);
}

function unusable(why: string): RedoubtError {
  return new RedoubtError('infrastructure', 'regression-suite', why, {
    remedy: "Debian's source package is not laid out as those of 15 and 17 were; report its version.",
  });
}
