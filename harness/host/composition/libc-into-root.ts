import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';

import { runTool } from '../machine/machine-tool.ts';
import { resolveInRoot } from '../resolve-in-root.ts';
import { cannotCompose } from './cannot-compose.ts';
import { libraryDirectories } from './icu-place.ts';
import type { PartRoot } from './part-root.ts';
import { findLibrary, offeredSymbols } from './root-libraries.ts';
import { shareFile, sharing } from './shared-files.ts';

/** Where glibc looks for compiled locales. */
const localeDirectory = 'usr/lib/locale';
const loaderName = 'ld-linux-x86-64.so.2';
const loader = `lib64/${loaderName}`;

/** What belongs to glibc, by the names under which programs look for it (Debian's libc6; the same elsewhere). */
const libcFile =
  /^(ld-linux-x86-64\.so\.2|lib(c|m|mvec|pthread|dl|rt|util|resolv|anl|nss_(compat|dns|files|hesiod)|thread_db|BrokenLocale)\.so\.\d+|libnsl\.so\.1)$/;

/** From glibc 2.34 on these are empty: they are there for programs of before, which find all in libc.so.6. */
const emptyLibraries: readonly string[] = ['libpthread.so.0', 'libdl.so.2', 'librt.so.1', 'libutil.so.1'];
const versionOfEmptyLibraries = 'GLIBC_2.34';

/** Programs of libc's: initdb runs `locale`, and with another libc it would not start or would say something else. */
const programs: readonly string[] = ['usr/bin/locale'];

/** A root or a bundle whose glibc or locales are taken. */
type LibcSource = Pick<PartRoot, 'name' | 'path' | 'tree'>;

/**
 * Puts another root's glibc in the place of a root's own: libraries, loader, character sets and `locale`. A bundle need not
 * have all of it: what it lacks is taken away, since parts of two versions do not fit, and its empty libraries are those of
 * `build`. Throws `cannot-compose`.
 */
export async function putLibcIntoRoot(
  root: string,
  source: LibcSource,
  build: string,
  words: string,
): Promise<void> {
  const { path, tree } = source;
  const from = await libcDirectory(source, words);
  const to = await libcDirectory({ name: words, path: root, tree: undefined }, words);
  const brought = (await readdir(join(path, from))).filter((name) => libcFile.test(name));
  if (tree !== undefined)
    for (const name of await readdir(join(root, to))) if (libcFile.test(name)) await rm(join(root, to, name));
  for (const name of brought)
    await replaceFile(join(path, await resolveInRoot(path, posix.join(from, name))), join(root, to, name));
  const sourceLoader = tree === undefined ? loader : posix.join(from, loaderName);
  await replaceFile(
    join(path, await resolveInRoot(path, sourceLoader)),
    join(root, await resolveInRoot(root, loader)),
  );
  if (tree !== undefined) await putEmptyLibraries(join(root, to), brought, build);
  for (const program of tree === undefined ? programs : []) {
    const file = join(path, await resolveInRoot(path, program));
    if (await isThere(file)) await replaceFile(file, join(root, await resolveInRoot(root, program)));
  }
  await replaceFolder(join(path, from, 'gconv'), join(root, to, 'gconv'), words);
}

async function putEmptyLibraries(target: string, brought: readonly string[], build: string): Promise<void> {
  const { versions } = await offeredSymbols(target, ['libc.so.6'], ['.']);
  if (versions.get('libc.so.6')?.has(versionOfEmptyLibraries) !== true) return;
  for (const name of emptyLibraries) {
    if (brought.includes(name)) continue;
    const path = await findLibrary(build, name);
    if (path !== undefined) await replaceFile(join(build, path), join(target, name));
  }
}

/** Puts another root's compiled locales in the place of a root's own. */
export async function putLocalesIntoRoot(
  root: string,
  { path, tree }: LibcSource,
  words: string,
): Promise<void> {
  const inside = tree === undefined ? localeDirectory : tree.locales;
  const target = join(root, await resolveInRoot(root, localeDirectory));
  await rm(target, { recursive: true, force: true });
  if (inside !== undefined) await replaceFolder(join(path, await resolveInRoot(path, inside)), target, words);
}

/** The folder of the C library of a root or a bundle, inside it. */
export async function libcDirectory({ name, path, tree }: LibcSource, words: string): Promise<string> {
  for (const directory of tree === undefined ? libraryDirectories : [tree.libraries]) {
    const inside = await resolveInRoot(path, directory);
    if (await isThere(join(path, inside, 'libc.so.6'))) return inside;
  }
  throw cannotCompose(words, `${name} has no libc.so.6`);
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
