import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

import { RedoubtError } from '../../error.ts';
import { cacheDirectory, publish } from '../../host/cache.ts';
import { openChrootHost } from '../../host/chroot/chroot-host.ts';
import type { Host } from '../../host/engine.ts';
import type { Progress } from '../../host/progress.ts';
import { serverSource, staticBuildRecipe } from '../../host/debian/recipes.ts';
import { ensureRoot } from '../../host/root.ts';
import { versionWord } from '../launch.ts';
import { digestFolders, nativeSourceDirectory } from '../reference/native-source.ts';

/** Where the C source that makes a launcher and a module part of the server lies. */
const staticSourceDirectory = join(import.meta.dirname, 'native');

/** Raised whenever the programs are built differently from the same sources. */
const buildVersion = 1;

const phase = 'static bundle';
const workInRoot = '/work';
/** A build takes two minutes and a half of processor time. */
const wallTimeMs = 3_600_000;

/**
 * Everything that is optional is left out but for what walredo and the locales want: ICU, and lz4 and zstd for images.
 * The paths make a server look for its share files in `vNN/share`, beside it.
 */
function configureWords(major: number): readonly string[] {
  const directory = `/${versionWord(major)}`;
  return [
    `--prefix=${directory}`,
    `--bindir=${directory}`,
    `--datadir=${directory}/share`,
    '--without-readline',
    '--without-zlib',
    '--with-icu',
    '--with-lz4',
    '--with-zstd',
    // pkg-config is not asked where both words are given.
    'ICU_CFLAGS=-DU_STATIC_IMPLEMENTATION',
    "ICU_LIBS='-licui18n -licuuc -licudata -lstdc++ -lm'",
    'LZ4_CFLAGS=-I/usr/include',
    'LZ4_LIBS=-llz4',
    'ZSTD_CFLAGS=-I/usr/include',
    'ZSTD_LIBS=-lzstd',
  ];
}

/** What the linker redirects to static-postgres.c. */
const wrapped = ['main', 'process_shared_preload_libraries', 'get_pkglib_path', 'load_tzoffsets'];

/**
 * The folder with the static `postgres`, our walredo in it, and `initdb` of a major, built from Debian's source package;
 * kept in the cache by what they are made of. Throws `compile-failed` (infrastructure) with the last words of the build.
 */
export async function ensureStaticPrograms(major: number, progress: Progress): Promise<string> {
  const root = await ensureRoot(staticBuildRecipe(major), progress);
  const parts = [
    buildVersion,
    configureWords(major),
    wrapped,
    root.packages,
    await digestFolders([nativeSourceDirectory, staticSourceDirectory]),
  ];
  const key = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
  return publish(
    `static/pg${String(major)}-${key}`,
    async (partial) => {
      progress(phase, `building PostgreSQL ${String(major)} with static libraries alone; this takes minutes`);
      await using host = await openChrootHost(root.name, root.path, progress);
      await build(major, host, partial);
    },
    () => progress(phase, 'waiting for another run that builds it'),
  );
}

async function build(major: number, host: Host, directory: string): Promise<void> {
  const work = join(directory, 'work');
  const native = join(work, 'native');
  await mkdir(native, { recursive: true });
  for (const folder of [nativeSourceDirectory, staticSourceDirectory])
    for (const name of await readdir(folder)) await copyFile(join(folder, name), join(native, name));
  await runScript(host, work, buildScript(major));
  for (const name of ['postgres', 'initdb']) await rename(join(work, name), join(directory, name));
  await rm(work, { recursive: true });
}

/** Paths are the same in every build, and so is what they leave in the programs. */
function buildScript(major: number): string {
  const source = `/usr/src/${serverSource(major)}`;
  const jobs = `-j${String(availableParallelism())}`;
  const redirected = wrapped.map((symbol) => `-Wl,--wrap=${symbol}`).join(' ');
  return [
    'exec 2>&1',
    'set -e',
    'mkdir build',
    'cd build',
    `${source}/configure ${configureWords(major).join(' ')}`,
    `make ${jobs} -C src/backend generated-headers`,
    'cd ../native',
    'for unit in walredo-*.c static-postgres.c; do',
    `gcc -std=gnu11 -O2 -fno-strict-aliasing -fwrapv -DREDOUBT_SERVER_MAJOR=${String(major)} -D_GNU_SOURCE -I../build/src/include -I${source}/src/include -c "$unit"`,
    'done',
    'cd ../build',
    `make ${jobs} -C src/backend LDFLAGS_EX=-static`,
    // Linked once more, with ours: the programs that come up on the way must not have it.
    'rm src/backend/postgres',
    `make -C src/backend postgres LDFLAGS_EX="-static -Wl,--build-id=none ${redirected} $(echo ${workInRoot}/native/*.o)"`,
    `make ${jobs} -C src/bin/initdb LDFLAGS_EX='-static -Wl,--build-id=none'`,
    'strip -o ../postgres src/backend/postgres',
    'strip -o ../initdb src/bin/initdb/initdb',
  ].join('\n');
}

async function runScript(host: Host, work: string, script: string): Promise<void> {
  const { ending, stdout } = await host.run({
    argv: ['/bin/sh', '-c', script],
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    uid: 0,
    gid: 0,
    mounts: [{ source: work, target: workInRoot, readOnly: false }],
    workingDirectory: workInRoot,
    systemMounts: true,
    limits: { wallTimeMs, outputBytes: 2 ** 30 },
  });
  if (ending.kind === 'exited' && ending.exitCode === 0) return;
  const log = join(cacheDirectory(), 'logs', 'static-bundle.log');
  await mkdir(dirname(log), { recursive: true });
  await writeFile(log, stdout);
  // Jobs run side by side: what failed is seldom what ended last.
  const complaints = stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => /\berror: |\*\*\* |undefined reference|cannot find /.test(line));
  throw new RedoubtError(
    'infrastructure',
    'compile-failed',
    `the static server could not be built in ${host.name}: ${complaints.slice(0, 3).join('; ').slice(0, 1000)}`,
    { remedy: `Read the log ${log}.`, details: { log, ending: JSON.stringify(ending) } },
  );
}
