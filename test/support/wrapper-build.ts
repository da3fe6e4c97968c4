import { createHash } from 'node:crypto';
import { chmod, copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { runBuildTool } from '../../harness/bundle/reference/compile-native.ts';
import { publish } from '../../harness/host/cache.ts';
import { openChrootHost } from '../../harness/host/chroot/chroot-host.ts';
import { silent } from '../../harness/host/progress.ts';
import { buildRecipe } from '../../harness/host/debian/recipes.ts';
import { ensureRoot } from '../../harness/host/root.ts';

/** The two builds of wrapper.c: paths on the machine. */
export interface Wrapper {
  /** Static: the same in every root. */
  readonly sealed: string;
  /** Dynamic, against the libc of whatever root it runs in, back to Debian 11's. */
  readonly leaky: string;
}

const source = join(import.meta.dirname, 'wrapper.c');
const common = ['/usr/bin/gcc', '-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror', '-s'] as const;
const sealedFlags = ['-static'];
/** Its own start code (see wrapper.c), and none of the checks that need newer symbols. */
const leakyFlags = [
  '-DREDOUBT_LEAKY',
  '-nostartfiles',
  '-no-pie',
  '-fno-pie',
  '-fno-stack-protector',
  '-D_FORTIFY_SOURCE=0',
];

/** Compiles wrapper.c once, in a build root; kept in the cache by its source. */
export async function ensureWrapper(): Promise<Wrapper> {
  const digest = createHash('sha256')
    .update(JSON.stringify([common, sealedFlags, leakyFlags]))
    .update(await readFile(source));
  const directory = await publish(`test-wrapper/${digest.digest('hex').slice(0, 12)}`, async (partial) => {
    const root = await ensureRoot(buildRecipe(15), silent);
    await using host = await openChrootHost(root.name, root.path);
    await copyFile(source, join(partial, 'wrapper.c'));
    await runBuildTool(host, partial, [...common, ...sealedFlags, '-o', 'sealed', 'wrapper.c']);
    await runBuildTool(host, partial, [...common, ...leakyFlags, '-o', 'leaky', 'wrapper.c']);
    await chmod(join(partial, 'sealed'), 0o755);
    await chmod(join(partial, 'leaky'), 0o755);
  });
  return { sealed: join(directory, 'sealed'), leaky: join(directory, 'leaky') };
}
