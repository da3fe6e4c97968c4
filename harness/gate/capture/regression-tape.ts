import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { requireMajor } from '../../bundle/majors.ts';
import { openBundle } from '../../bundle/open.ts';
import { ensureReferenceBundle } from '../../bundle/reference/ensure.ts';
import { captureWork, type Capture } from '../../compute/capture.ts';
import { DataDirectoryPages, type ForkFile } from '../../compute/data-directory.ts';
import { regressionWork, type RegressionOutcome } from '../../compute/regression-run.ts';
import { ensureRegressionSuite, type RegressionSuite } from '../../compute/regression-suite.ts';
import { recordsOnly } from '../../compute/wal-settings.ts';
import { RedoubtError } from '../../error.ts';
import { publish } from '../../host/cache.ts';
import { openChrootHost } from '../../host/chroot/chroot-host.ts';
import { computeRecipe } from '../../host/compute-images.ts';
import type { Host } from '../../host/engine.ts';
import type { Progress } from '../../host/progress.ts';
import { ensureRoot } from '../../host/root.ts';
import { formatPageKey, freeSpaceMapFork, initFork, visibilityMapFork } from '../../redo/page-key.ts';
import { Tape } from '../../redo/tape/tape.ts';
import { makeDataDirectory } from '../initdb/bundle-initdb.ts';
import { tapeOfCapture } from './capture-tape.ts';
import { readRegressionFacts, type RegressionFacts } from './regression-facts.ts';
import { captureVersion } from './tape-cache.ts';

/** The majors whose compute image is Debian's own, with psql and a source package of the same version. */
export const regressionMajors: readonly number[] = [15, 17];

/** Raised whenever the suite is run or counted differently. */
const regressionVersion = 1;

const factsFile = 'regression.json';
/** The folder of the tape; its name goes into the report. */
const tapeFolder = 'regression-suite';

export interface RegressionTapeOptions {
  /** One that {@link regressionMajor} has let pass. */
  readonly major: number;
  /** Whose initdb makes the data directory; undefined: the reference bundle. */
  readonly bundle: string | undefined;
  readonly progress: Progress;
}

/** A tape of the regression suite, in the cache. */
export interface RegressionTape {
  readonly directory: string;
  readonly facts: RegressionFacts;
}

/**
 * The one major that was asked for.
 * @throws RedoubtError `one-major` or `regression-major` (usage).
 */
export function regressionMajor(majors: readonly number[] | undefined): number {
  const [major] = majors ?? [];
  if (major === undefined || majors?.length !== 1) {
    throw new RedoubtError('usage', 'one-major', '--pg takes one major: a tape belongs to one', {
      remedy: 'Run the suite once for each major.',
    });
  }
  if (regressionMajors.includes(major)) return major;
  throw new RedoubtError(
    'usage',
    'regression-major',
    `--pg ${String(major)}: the regression suite is run for ${regressionMajors.join(' and ')} alone`,
    { remedy: 'Debian has source, headers, server and psql of one version for those.' },
  );
}

/**
 * Runs PostgreSQL's own regression suite on the compute image of a major and makes a tape of its WAL, or finds the one
 * that the same image, bundle and suite made before.
 * @throws RedoubtError what fetching, running or capturing the suite throws.
 */
export async function ensureRegressionTape(options: RegressionTapeOptions): Promise<RegressionTape> {
  const { major, progress } = options;
  const bundle = await openBundle(options.bundle ?? (await ensureReferenceBundle(progress)).path, progress);
  const root = await ensureRoot(computeRecipe(major), progress);
  await using host = await openChrootHost(root.name, root.path, progress);
  await requireMajor(bundle, major, host);
  const suite = await ensureRegressionSuite(major, progress);
  const parts = [captureVersion, regressionVersion, suite.digest, root.key, root.packages, bundle.digest];
  const key = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
  const directory = await publish(
    `tapes/pg${String(major)}-regression-${key}`,
    (partial) =>
      captureSuite(suite, host, partial, progress, (target) =>
        makeDataDirectory(bundle, major, host, target, false),
      ),
    () => {
      progress(`regression suite ${String(major)}`, 'waiting for another run of it');
    },
  );
  return { directory: join(directory, tapeFolder), facts: readRegressionFacts(join(directory, factsFile)) };
}

async function captureSuite(
  suite: RegressionSuite,
  host: Host,
  directory: string,
  progress: Progress,
  makeData: (directory: string) => Promise<void>,
): Promise<void> {
  const scratch = join(directory, 'scratch');
  await mkdir(scratch);
  const work = regressionWork(suite, host, scratch, progress);
  const capture = await captureWork(
    {
      host,
      major: suite.major,
      makeDataDirectory: makeData,
      wal: recordsOnly,
      directory: join(directory, 'capture'),
      progress,
    },
    work,
  );
  progress(`regression suite ${String(suite.major)}`, 'splitting the WAL by page');
  await tapeOfCapture(capture, join(directory, tapeFolder));
  const facts = factsOf(suite, capture, Tape.open(join(directory, tapeFolder)), work.outcome);
  await writeFile(join(directory, factsFile), `${JSON.stringify(facts, null, 2)}\n`);
  await rm(capture.directory, { recursive: true });
  await rm(scratch, { recursive: true });
}

function factsOf(
  suite: RegressionSuite,
  capture: Capture,
  tape: Tape,
  { asExpected, otherwise }: RegressionOutcome,
): RegressionFacts {
  const { counts } = tape.manifest;
  using oracle = new DataDirectoryPages(capture.oracleDirectory);
  const forks = oracle.forks();
  const unlogged = forks.filter(({ forkNumber }) => forkNumber === initFork).length;
  return {
    schemaVersion: 1,
    major: suite.major,
    suite: suite.origin,
    serverVersion: capture.serverVersion,
    scripts: {
      run: asExpected.length + otherwise.length,
      asExpected: asExpected.length,
      otherwise: [...otherwise],
    },
    pages: pagesOf(tape, forks),
    excluded: [
      {
        what: `${String(counts.recordsOfRemovedPages)} records of pages that the suite drops or truncates itself`,
        reason: 'at its end there is no page to compare',
      },
      {
        what: `${String(blocksOf(forks, isFreeSpaceMap))} pages of free space maps`,
        reason: 'recovery itself writes them outside of the WAL',
      },
      {
        what: `main forks of ${String(unlogged)} unlogged relations`,
        reason: 'the WAL has no record of them (their init forks are compared)',
      },
      { what: 'temporary relations', reason: 'the WAL has no record of them' },
      ...suite.unscheduled.map((script) => ({
        what: `script ${script}`,
        reason: "it is not in the suite's own schedule",
      })),
    ],
  };
}

/**
 * How each page of the permanent relations that recovery has was compared, when the tape was made or is when it is
 * replayed.
 * @throws RedoubtError `regression-pages` when the sum is not all of them: some would be judged by nobody.
 */
function pagesOf(tape: Tape, forks: readonly ForkFile[]): RegressionFacts['pages'] {
  const { untouchedPages: untouched } = tape.manifest.counts;
  const keys = Array.from(tape.index, ({ key }) => key).filter((key) => !isFreeSpaceMap(key));
  const replayed = new Set(keys.map(formatPageKey)).size;
  const replayedMaps = new Set(keys.filter(isVisibilityMap).map(formatPageKey)).size;
  const all = blocksOf(forks, (fork) => !isFreeSpaceMap(fork));
  const modelled = all - replayed - untouched;
  if (modelled >= 0 && modelled <= blocksOf(forks, isVisibilityMap) - replayedMaps) {
    return { all, replayed, untouched, modelled };
  }
  throw new RedoubtError(
    'infrastructure',
    'regression-pages',
    `recovery has ${String(all)} pages of permanent relations, but ${String(replayed)} are on the tape and ${String(untouched)} untouched`,
    { remedy: 'Redoubt misread the WAL: report it.' },
  );
}

function blocksOf(forks: readonly ForkFile[], isWanted: (fork: ForkFile) => boolean): number {
  return forks.filter(isWanted).reduce((sum, { blocks }) => sum + blocks, 0);
}

function isFreeSpaceMap({ forkNumber }: Pick<ForkFile, 'forkNumber'>): boolean {
  return forkNumber === freeSpaceMapFork;
}

function isVisibilityMap({ forkNumber }: Pick<ForkFile, 'forkNumber'>): boolean {
  return forkNumber === visibilityMapFork;
}
