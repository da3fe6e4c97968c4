import { chmod, copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';

import { publish } from '../../harness/host/cache.ts';
import { silent } from '../../harness/host/progress.ts';
import { helperRecipe } from '../../harness/host/debian/recipes.ts';
import { ensureRoot } from '../../harness/host/root.ts';

/** Root tarballs of hosts that are nothing like Debian. */
export interface OddRoots {
  /** Nothing at all. */
  readonly empty: string;
  /** A static busybox and its applets' names. */
  readonly busybox: string;
  /** The same with musl as its only libc. */
  readonly musl: string;
}

/** Makes them of Debian's packages busybox-static and musl, once: they stay in the cache. */
export async function ensureOddRoots(): Promise<OddRoots> {
  const directory = await publish('test-odd-roots/2', async (partial) => {
    const build = await ensureRoot(helperRecipe(), silent);
    const busybox = join(partial, 'busybox');
    await mkdir(join(busybox, 'bin'), { recursive: true });
    await copyFile(join(build.path, 'usr/bin/busybox'), join(busybox, 'bin/busybox'));
    await chmod(join(busybox, 'bin/busybox'), 0o755);
    await execa('ln', ['--symbolic', 'busybox', join(busybox, 'bin/sh')]);
    const musl = join(partial, 'musl');
    await execa('cp', ['--archive', busybox, musl]);
    await mkdir(join(partial, 'debs'));
    await execa('apt-get', ['-q', '-o', 'APT::Sandbox::User=root', 'download', 'musl'], {
      cwd: join(partial, 'debs'),
    });
    const [deb = ''] = await readdir(join(partial, 'debs'));
    await execa('dpkg-deb', ['--extract', join(partial, 'debs', deb), musl]);
    await mkdir(join(partial, 'empty'));
    for (const name of ['empty', 'busybox', 'musl']) {
      await execa('tar', [
        '--create',
        '--file',
        join(partial, `${name}.tar`),
        '--directory',
        join(partial, name),
        '.',
      ]);
    }
  });
  const path = (name: string): string => join(directory, `${name}.tar`);
  return { empty: path('empty'), busybox: path('busybox'), musl: path('musl') };
}
