import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import type { Ending, Host } from '../host/engine.ts';
import { launchFailure } from './launch-failure.ts';
import { launch, majorMissing, versionWord } from './launch.ts';
import type { Bundle } from './open.ts';

/** The majors that are looked for. */
const asked: readonly number[] = [13, 14, 15, 16, 17, 18, 19, 20];

const limits = { wallTimeMs: 30_000, memoryBytes: 2 ** 30, outputBytes: 2 ** 20, processes: 64 };

/** What stands for the words of `postgres --version` where a major is there, but does not answer. */
export const doesNotStart = 'does not start';

/** No major of PostgreSQL: how a LAUNCHER refuses it is how it says that it lacks a version. */
const noMajor = 1;

/**
 * The majors that a bundle has, with the words of `postgres --version`, or `doesNotStart`. A chroot bundle's LAUNCHER is
 * asked: a major that it does not refuse in the way in which it refuses a version that cannot be is there, and broken if
 * it does not answer. Of the others the folders tell which are there, but only those that answer on this host count.
 */
export async function bundleMajors(bundle: Bundle, host: Host): Promise<ReadonlyMap<number, string>> {
  if (bundle.layout !== 'chroot') {
    const folders = asked.filter((major) => existsSync(join(bundle.directory, versionWord(major))));
    const answers = await Promise.all(folders.map((major) => askVersion(bundle, major, host)));
    return new Map(folders.flatMap((major, index) => namedAnswer(major, answers[index]?.version)));
  }
  const [refusal, ...answers] = await Promise.all(
    [noMajor, ...asked].map((major) => askVersion(bundle, major, host)),
  );
  return new Map(
    asked.flatMap((major, index) => {
      const answer = answers[index];
      const isRefused = isDeepStrictEqual(answer?.ending, refusal?.ending);
      return namedAnswer(major, answer?.version ?? (isRefused ? undefined : doesNotStart));
    }),
  );
}

function namedAnswer(major: number, version: string | undefined): readonly (readonly [number, string])[] {
  return version === undefined ? [] : [[major, version]];
}

/** The words of `postgres --version` of one major. Throws `major-missing`, naming the majors that the bundle has. */
export async function requireMajor(bundle: Bundle, major: number, host: Host): Promise<string> {
  const { version } = await askVersion(bundle, major, host);
  if (version !== undefined) return version;
  throw majorMissing(bundle, versionWord(major), [...(await bundleMajors(bundle, host)).keys()]);
}

const notFound = { ending: { kind: 'exited', exitCode: 127 }, stdout: Buffer.alloc(0) } as const;

interface VersionAnswer {
  /** Undefined when the program did not answer like PostgreSQL. */
  readonly version: string | undefined;
  readonly ending: Ending;
}

async function askVersion(bundle: Bundle, major: number, host: Host): Promise<VersionAnswer> {
  const answer = await host
    .run({ ...launch(bundle, major, 'postgres', ['--version']), limits })
    .catch((error: unknown) => {
      // A bundle that leans on its host may find nothing of it there: how a shell would tell.
      if (bundle.layout !== 'chroot' && launchFailure(error) !== undefined) return notFound;
      throw error;
    });
  const { ending, stdout } = answer;
  const words = stdout.toString('utf8').trim();
  const isAnswer =
    ending.kind === 'exited' && ending.exitCode === 0 && words.startsWith('postgres (PostgreSQL)');
  return { version: isAnswer ? words : undefined, ending };
}
