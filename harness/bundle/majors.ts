import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Host } from '../host/engine.ts';
import { launch, majorMissing, versionWord } from './launch.ts';
import type { Bundle } from './open.ts';

/** The majors that are looked for. */
const asked: readonly number[] = [13, 14, 15, 16, 17, 18, 19, 20];

const limits = { wallTimeMs: 30_000, memoryBytes: 2 ** 30, outputBytes: 2 ** 20, processes: 64 };

/**
 * The majors that a bundle has, with the words of `postgres --version`: a chroot bundle's LAUNCHER is asked, the others
 * have a folder for each. A program that does not answer like PostgreSQL does not count.
 */
export async function bundleMajors(bundle: Bundle, host: Host): Promise<ReadonlyMap<number, string>> {
  const candidates =
    bundle.layout === 'chroot'
      ? asked
      : asked.filter((major) => existsSync(join(bundle.directory, versionWord(major))));
  const versions = await Promise.all(candidates.map((major) => askVersion(bundle, major, host)));
  const found = candidates.map((major, index) => [major, versions[index]] as const);
  return new Map(found.filter((pair): pair is readonly [number, string] => pair[1] !== undefined));
}

/** The words of `postgres --version` of one major. Throws `major-missing`, naming the majors that the bundle has. */
export async function requireMajor(bundle: Bundle, major: number, host: Host): Promise<string> {
  const version = await askVersion(bundle, major, host);
  if (version !== undefined) return version;
  throw majorMissing(bundle, versionWord(major), [...(await bundleMajors(bundle, host)).keys()]);
}

async function askVersion(bundle: Bundle, major: number, host: Host): Promise<string | undefined> {
  const { ending, stdout } = await host.run({ ...launch(bundle, major, 'postgres', ['--version']), limits });
  const words = stdout.toString('utf8').trim();
  const isAnswer =
    ending.kind === 'exited' && ending.exitCode === 0 && words.startsWith('postgres (PostgreSQL)');
  return isAnswer ? words : undefined;
}
