import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';

import { runTool } from '../machine/machine-tool.ts';
import { resolveInRoot } from '../resolve-in-root.ts';
import { cannotCompose } from './cannot-compose.ts';
import { libraryDirectories } from './icu-place.ts';
import { shareFile, sharing } from './shared-files.ts';

/** Where glibc looks for compiled locales. */
const localeDirectory = 'usr/lib/locale';
const loader = 'lib64/ld-linux-x86-64.so.2';

/** What belongs to glibc, by the names under which programs look for it (Debian's libc6; the same elsewhere). */
const libcFile =
  /^(ld-linux-x86-64\.so\.2|lib(c|m|mvec|pthread|dl|rt|util|resolv|anl|nss_(compat|dns|files|hesiod)|thread_db|BrokenLocale|nsl)\.so\.\d+)$/;

/** Programs of libc's: initdb runs `locale`, and with another libc it would not start or would say something else. */
const programs: readonly string[] = ['usr/bin/locale'];

/** Puts another root's glibc in the place of a root's own: libraries, loader, character sets and `locale`. */
export async function putLibcIntoRoot(root: string, source: string, words: string): Promise<void> {
  const from = await libcDirectory(source, words);
  const to = await libcDirectory(root, words);
  for (const name of await readdir(join(source, from)))
    if (libcFile.test(name))
      await replaceFile(
        join(source, await resolveInRoot(source, posix.join(from, name))),
        join(root, to, name),
      );
  const ownLoader = await resolveInRoot(root, loader);
  await replaceFile(join(source, await resolveInRoot(source, loader)), join(root, ownLoader));
  for (const program of programs) {
    const path = join(source, await resolveInRoot(source, program));
    if (await isThere(path)) await replaceFile(path, join(root, await resolveInRoot(root, program)));
  }
  await replaceFolder(join(source, from, 'gconv'), join(root, to, 'gconv'), words);
}

/** Puts another root's compiled locales in the place of a root's own. */
export async function putLocalesIntoRoot(root: string, source: string, words: string): Promise<void> {
  await replaceFolder(
    join(source, await resolveInRoot(source, localeDirectory)),
    join(root, await resolveInRoot(root, localeDirectory)),
    words,
  );
}

/** The folder of a root's C library, inside it. */
export async function libcDirectory(root: string, words: string): Promise<string> {
  for (const directory of libraryDirectories) {
    const inside = await resolveInRoot(root, directory);
    if (await isThere(join(root, inside, 'libc.so.6'))) return inside;
  }
  throw cannotCompose(words, `${root} has no libc.so.6`);
}

/** The files of a root may be those of another one: whoever would write into them would write there, too. */
async function replaceFile(source: string, target: string): Promise<void> {
  await rm(target, { force: true });
  await mkdir(dirname(target), { recursive: true });
  await shareFile(source, target);
}

async function replaceFolder(source: string, target: string, words: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  if (!(await isThere(source))) return;
  await runTool(`cannot put together ${words}`, ['cp', '--archive', ...sharing(source), source, target]);
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
