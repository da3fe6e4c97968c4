import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { versionWord } from '../../bundle/launch.ts';
import type { Bundle } from '../../bundle/open.ts';
import { serverFiles } from '../../bundle/reference/server-files.ts';
import { runVanillaInitdb } from '../../compute/vanilla-initdb.ts';
import { RedoubtError } from '../../error.ts';
import { openChrootHost } from '../../host/chroot/chroot-host.ts';
import { computeRecipe } from '../../host/compute-images.ts';
import { describeEnding } from '../../host/describe-ending.ts';
import type { Host } from '../../host/engine.ts';
import type { Progress } from '../../host/progress.ts';
import { ensureRoot } from '../../host/root.ts';

/** Where a static server and its share files appear; it looks for the latter beside itself. */
const place = '/static';
const serverId = 65_534;
const limits = { wallTimeMs: 300_000, memoryBytes: 2 ** 31, outputBytes: 2 ** 30, processes: 64 };

/** What a static server needs beside itself, since it has no initdb that works alone. */
interface Provisions {
  readonly share: string;
  readonly dataDirectory: string;
}

/**
 * A server whose libraries are linked into it: nothing else can ask them for their order. It runs alone (`--single`) on a
 * data directory that the compute image's initdb makes, on a host whose locales it reads.
 */
export class StaticServer {
  readonly #bundle: Bundle;
  readonly #major: number;
  readonly #host: Host;
  readonly #directory: string;
  readonly #provisions: Provisions;

  /** Makes the data directory in `directory`. Throws `initdb-failed` (infrastructure). */
  static async open(
    bundle: Bundle,
    major: number,
    host: Host,
    directory: string,
    progress: Progress,
  ): Promise<StaticServer> {
    const recipe = computeRecipe(major);
    const root = await ensureRoot(recipe, progress);
    await using compute = await openChrootHost(recipe.name, root.path, progress);
    await mkdir(directory, { recursive: true });
    const inout = join(directory, 'inout');
    const options = ['--encoding=UTF8', '--locale=C', '--auth=trust', '--no-sync', '--username=postgres'];
    const { process } = await runVanillaInitdb(compute, major, inout, ['--pgdata=/inout/data', ...options]);
    if (process.ending.kind !== 'exited' || process.ending.exitCode !== 0)
      throw new RedoubtError(
        'infrastructure',
        'initdb-failed',
        `initdb of ${recipe.name} ${describeEnding(process.ending)}: ${process.stderr.trim().slice(-300)}`,
      );
    // What initdb took from its machine (a time zone, shared memory) the other one need not have.
    const settings = 'dynamic_shared_memory_type = mmap\nfsync = off\nmax_wal_size = 10GB\n';
    await writeFile(join(inout, 'data/postgresql.conf'), settings);
    const share = join(root.path, serverFiles(recipe, major).share.from);
    return new StaticServer(bundle, major, host, directory, { share, dataDirectory: '/inout/data' });
  }

  private constructor(bundle: Bundle, major: number, host: Host, directory: string, provisions: Provisions) {
    this.#bundle = bundle;
    this.#major = major;
    this.#host = host;
    this.#directory = directory;
    this.#provisions = provisions;
  }

  /** Puts a file where statements find it as `/inout/NAME`. */
  async give(name: string, bytes: Uint8Array): Promise<void> {
    await writeFile(join(this.#directory, 'inout', name), bytes);
    await chown(join(this.#directory, 'inout', name), serverId, serverId);
  }

  /**
   * Runs statements, one a line, of which some may fail, and returns what they copied to `/inout/NAME` for the names that
   * were asked for. Throws `static-server-failed` (infrastructure) when the server does not run at all.
   */
  async run(statements: readonly string[], names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const script = join(this.#directory, 'statements.sql');
    await writeFile(script, statements.map((each) => `${each.replaceAll('\n', ' ')}\n`).join(''));
    const word = versionWord(this.#major);
    const { ending, stderr } = await this.#host.run({
      argv: [`${place}/${word}/postgres`, '--single', '-D', this.#provisions.dataDirectory, 'postgres'],
      env: {},
      mounts: [
        {
          source: join(this.#bundle.directory, word, 'postgres'),
          target: `${place}/${word}/postgres`,
          readOnly: true,
        },
        { source: this.#provisions.share, target: `${place}/${word}/share/postgresql`, readOnly: true },
        { source: join(this.#directory, 'inout'), target: '/inout', readOnly: false },
      ],
      stdin: { kind: 'file', path: script },
      stdout: { kind: 'file', path: join(this.#directory, 'output') },
      systemMounts: true,
      limits,
    });
    if (ending.kind !== 'exited' || ending.exitCode !== 0)
      throw new RedoubtError(
        'infrastructure',
        'static-server-failed',
        `the bundle's postgres --single ${describeEnding(ending)} on ${this.#host.name}, so its order cannot be asked: ${stderr.trim().slice(-300)}`,
      );
    const answers = new Map<string, string>();
    for (const name of names) {
      const path = join(this.#directory, 'inout', name);
      const text = await readFile(path, 'utf8').catch(() => undefined);
      if (text !== undefined) answers.set(name, text);
      await rm(path, { force: true });
    }
    return answers;
  }
}
