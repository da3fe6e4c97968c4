import { mkdir, readdir, symlink } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { cacheDirectory } from '../../../harness/host/cache.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../../harness/host/run-directory.ts';

/** What of the user's cache a run finds made. */
export type CacheFolder = 'bundles' | 'docker' | 'helpers' | 'npm' | 'reference' | 'roots' | 'tapes';

/** A cache, a folder for temporary files and one for reports, all a run's own, so that what it leaves can be seen. */
export class Workplace implements AsyncDisposable {
  readonly #directory: TemporaryDirectory;

  private constructor(directory: TemporaryDirectory) {
    this.#directory = directory;
  }

  /** `shared` folders are the user's; a run that needs another one makes it. */
  static async open(shared: readonly CacheFolder[]): Promise<Workplace> {
    const workplace = new Workplace(await temporaryDirectory('a run of the command line'));
    await mkdir(workplace.cache);
    await mkdir(workplace.temporary);
    // What is shared is locked for all: without their locks another's half-made entry would look like a dead run's.
    for (const folder of ['locks', ...shared]) {
      const place = join(cacheDirectory(), folder);
      // Nobody may have needed it yet.
      await mkdir(place, { recursive: true });
      await symlink(place, join(workplace.cache, folder));
    }
    return workplace;
  }

  get cache(): string {
    return join(this.#directory.path, 'cache');
  }

  get temporary(): string {
    return join(this.#directory.path, 'tmp');
  }

  /** A folder for results that does not exist yet. */
  get out(): string {
    return join(this.#directory.path, 'out');
  }

  get env(): Readonly<Record<string, string>> {
    return { REDOUBT_CACHE: this.cache, TMPDIR: this.temporary };
  }

  /** Where the cache holds something half-made: `reference/0123.partial`. */
  async halfMade(): Promise<readonly string[]> {
    const folders = await readdir(this.cache, { withFileTypes: true });
    const own = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const names = await Promise.all(
      own.map(async (folder) => (await readdir(join(this.cache, folder))).map((name) => `${folder}/${name}`)),
    );
    return names.flat().filter((name) => name.endsWith('.partial'));
  }

  /** All that a run left which is over: half-made entries, temporary files, mounts, control groups. */
  async traces(ownPrefix: string): Promise<readonly string[]> {
    const temporary = await readdir(this.temporary);
    const mounts = readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(this.#directory.path));
    const groups = await controlGroups();
    return [
      ...(await this.halfMade()),
      ...temporary.map((name) => `tmp/${name}`),
      ...mounts,
      ...groups.filter((name) => name.startsWith(ownPrefix)),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#directory[Symbol.asyncDispose]();
  }
}

async function controlGroups(): Promise<readonly string[]> {
  const hierarchies = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'cgroup' || type === 'cgroup2');
  const names = await Promise.all(hierarchies.map(([, path = '']) => readdir(path)));
  return names.flat();
}
