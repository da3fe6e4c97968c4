import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { RedoubtError } from '../../error.ts';
import type { Host } from '../../host/engine.ts';
import { headersMajor } from './headers.ts';
import { nativeSourceDirectory } from './native-source.ts';

/** The compiled parts of one major: paths on the machine. */
export interface NativeParts {
  /** `/LAUNCHER`, the same for every major. */
  readonly launcher: string;
  /** The static `postgres`. */
  readonly postgres: string;
  /** `redoubt_walredo.so`. */
  readonly module: string;
}

export interface CompileOptions {
  readonly major: number;
  /** A build root with gcc and the headers of `headersMajor(major)`. */
  readonly host: Host;
  /** An empty folder of the machine for sources and results. */
  readonly workDirectory: string;
  /** Number of a system call to leave out of the walredo module's allow-list; for tests of the harness. */
  readonly omitSystemCall?: number;
  /** Whether `postgres` stands in an installation that leans on its host; default false. */
  readonly isPgInstall?: boolean;
}

const flags = [
  '-std=gnu11',
  '-O2',
  '-Wall',
  '-Wextra',
  '-Werror',
  // PostgreSQL's own: its headers are written for them.
  '-Wno-unused-parameter',
  '-Wno-sign-compare',
  '-fno-strict-aliasing',
  '-fwrapv',
  // Nothing of the place or the run in the result.
  '-s',
  '-Wl,--build-id=none',
];

const workInRoot = '/work';

/** Compiles the native parts of one major inside a build root. Throws `compile-failed` with the compiler's words. */
export async function compileNative(options: CompileOptions): Promise<NativeParts> {
  const { major, workDirectory } = options;
  await mkdir(workDirectory, { recursive: true });
  const sources = (await readdir(nativeSourceDirectory)).toSorted();
  for (const name of sources) await copyFile(join(nativeSourceDirectory, name), join(workDirectory, name));
  const headers = [
    `-DREDOUBT_SERVER_MAJOR=${major}`,
    `-I/usr/include/postgresql/${headersMajor(major)}/server`,
    '-I/usr/include/postgresql/internal',
  ];
  const moduleSources = sources.filter((name) => /^walredo-.*\.c$/.test(name));
  const omitted =
    options.omitSystemCall === undefined ? [] : [`-DREDOUBT_SECCOMP_OMIT=${options.omitSystemCall}`];
  await compile(options, [
    '-fPIC',
    '-shared',
    '-Wl,-Bsymbolic',
    ...headers,
    ...omitted,
    '-o',
    'redoubt_walredo.so',
    ...moduleSources,
  ]);
  const layout = options.isPgInstall === true ? ['-DREDOUBT_PG_INSTALL'] : [];
  await compile(options, ['-static', ...headers, ...layout, '-o', 'postgres', 'postgres-launcher.c']);
  await compile(options, ['-static', '-o', 'LAUNCHER', 'bundle-launcher.c']);
  return {
    launcher: join(workDirectory, 'LAUNCHER'),
    postgres: join(workDirectory, 'postgres'),
    module: join(workDirectory, 'redoubt_walredo.so'),
  };
}

/** Runs a tool of a build root as root, with the machine's `workDirectory` as its working directory. */
export async function runBuildTool(
  host: Host,
  workDirectory: string,
  argv: readonly [string, ...string[]],
): Promise<void> {
  const { ending, stderr } = await host.run({
    argv,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    uid: 0,
    gid: 0,
    mounts: [{ source: workDirectory, target: workInRoot, readOnly: false }],
    workingDirectory: workInRoot,
    systemMounts: true,
    limits: { wallTimeMs: 300_000 },
  });
  if (ending.kind === 'exited' && ending.exitCode === 0) return;
  throw new RedoubtError(
    'infrastructure',
    'compile-failed',
    `${argv[0]} failed in the build root ${host.name}: ${stderr.trim().slice(-2000)}`,
    { details: { command: argv.join(' '), ending: JSON.stringify(ending) } },
  );
}

function compile({ host, workDirectory }: CompileOptions, rest: readonly string[]): Promise<void> {
  return runBuildTool(host, workDirectory, ['/usr/bin/gcc', ...flags, ...rest]);
}
