import { copyFile, link, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { cacheDirectory } from '../cache.ts';
import { runContained } from '../contained-command.ts';
import { readElfDynamic } from '../elf/elf-dynamic.ts';
import { removeTree } from '../remove-tree.ts';
import { findLibrary } from './root-libraries.ts';

/** The C source of what old libraries lack, one function for each name. */
export const shimSource = join(import.meta.dirname, 'libc-shim.c');

/** The library with those functions; it also brings in the parts of an old libc that a newer one has in itself. */
export const shimName = 'libredoubt_libc.so.1';

/** What {@link shimSource} can make. */
export const shimFunctions: readonly string[] = [
  '__cxa_call_terminate',
  '__isoc23_strtol',
  '__isoc23_strtoul',
  'stat',
];

/** glibc before 2.34 is in several libraries; later these are empty. */
const libcLibraries: readonly string[] = ['libc.so.6', 'libpthread.so.0', 'libdl.so.2'];

const linking = ['-shared', '-nostdlib', '-fPIC', '-O2', '-s', '-Wl,--build-id=none', '-Wl,--no-as-needed'];

/** Makes the small libraries of a composed root, inside a build root. */
export class CompositionTools {
  readonly #build: string;
  readonly #root: string;
  readonly #work: string;

  /**
   * `build` is the path of a root with a compiler and patchelf, `root` the one that is being made, `work` a folder on the
   * disk of `root`, which is emptied; the caller removes it.
   */
  constructor(build: string, root: string, work: string) {
    this.#build = build;
    this.#root = root;
    this.#work = work;
  }

  /** Makes `file` in `directory` out of assembler that calls functions of `libraries`, which lie there, too. */
  async forwarder(
    directory: string,
    file: string,
    source: string,
    libraries: readonly string[],
  ): Promise<void> {
    await this.#fresh();
    await writeFile(join(this.#work, 'forward.s'), source);
    for (const library of libraries) await link(join(directory, library), join(this.#work, library));
    await this.#run([
      '/usr/bin/gcc',
      ...linking,
      `-Wl,-soname,${file}`,
      // Found beside it, wherever that is.
      '-Wl,--enable-new-dtags,-rpath,$ORIGIN',
      '-Wl,--allow-shlib-undefined',
      '-o',
      file,
      'forward.s',
      ...libraries.map((library) => `./${library}`),
    ]);
    await rename(join(this.#work, file), join(directory, file));
  }

  /** Makes `file` in `directory`, whose one symbol is those bytes. */
  async dataLibrary(directory: string, file: string, symbol: string, data: Buffer): Promise<void> {
    await this.#fresh();
    await writeFile(join(this.#work, 'data.bin'), data);
    await writeFile(
      join(this.#work, 'data.s'),
      `.section .rodata\n.balign 16\n.globl ${symbol}\n.type ${symbol}, @object\n${symbol}:\n\t.incbin "data.bin"\n.size ${symbol}, .-${symbol}\n.section .note.GNU-stack,"",@progbits\n`,
    );
    await this.#run(['/usr/bin/gcc', ...linking, `-Wl,-soname,${file}`, '-o', file, 'data.s']);
    await rename(join(this.#work, file), join(directory, file));
  }

  /** Makes the library with what the root's libc lacks, against that libc. */
  async shim(directory: string, functions: readonly string[]): Promise<void> {
    await this.#fresh();
    await copyFile(shimSource, join(this.#work, 'libc-shim.c'));
    const libraries: string[] = [];
    for (const name of libcLibraries) {
      const path = await findLibrary(this.#root, name);
      if (path === undefined) continue;
      await copyFile(join(this.#root, path), join(this.#work, name));
      libraries.push(name);
    }
    await this.#run([
      '/usr/bin/gcc',
      ...linking,
      '-std=gnu11',
      '-Wall',
      '-Wextra',
      '-Werror',
      '-fno-builtin',
      '-fno-stack-protector',
      ...functions.toSorted().map((name) => `-DNEED_${name}`),
      `-Wl,-soname,${shimName}`,
      '-o',
      shimName,
      'libc-shim.c',
      ...libraries.map((name) => `./${name}`),
    ]);
    await rename(join(this.#work, shimName), join(directory, shimName));
  }

  /** Lets a library ask for the shim, which lies beside it. */
  async addShim(directory: string, file: string): Promise<void> {
    await this.#fresh();
    await copyFile(join(directory, file), join(this.#work, file));
    const { needed } = readElfDynamic(await readFile(join(this.#work, file)));
    // One at a time: patchelf 0.14 writes one string over the other.
    if (!needed.includes(shimName)) await this.#run(['/usr/bin/patchelf', '--add-needed', shimName, file]);
    await this.#run(['/usr/bin/patchelf', '--set-rpath', '$ORIGIN', file]);
    await rename(join(this.#work, file), join(directory, file));
  }

  async #fresh(): Promise<void> {
    await removeTree(this.#work);
    await mkdir(this.#work);
  }

  async #run(argv: readonly [string, ...string[]]): Promise<void> {
    const logs = join(cacheDirectory(), 'logs');
    await mkdir(logs, { recursive: true });
    // The mounts are made in a namespace of the command's own: nothing is written in the root, nothing seen outside.
    const script =
      'mount -t tmpfs redoubt "$1/tmp"; mkdir "$1/tmp/work"; mount --bind "$2" "$1/tmp/work"; root=$1; shift 2; exec chroot "$root" /bin/sh -ec "cd /tmp/work; exec \\"\\$@\\"" sh "$@"';
    await runContained({
      argv: ['sh', '-ec', script, 'sh', this.#build, this.#work, ...argv],
      logPath: join(logs, 'composition.log'),
    });
  }
}
