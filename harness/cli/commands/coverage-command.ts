import type { Command } from 'commander';

import { RedoubtError } from '../../error.ts';
import { capturedTapes } from '../../gate/capture/captured-tapes.ts';
import { referenceMajorsOf } from '../../gate/inputs/compute-image.ts';
import { parseMajors } from '../../gate/gate-options.ts';
import { computeMajors, defaultComputeImage } from '../../host/compute-images.ts';
import type { Progress } from '../../host/progress.ts';
import { coverageOf, type Coverage, type CoveredKind } from '../../redo/coverage.ts';
import type { KindCount } from '../../redo/lineage/kind-count.ts';
import { Tape } from '../../redo/tape/tape.ts';
import { runCommand } from '../command.ts';
import { examples } from '../examples.ts';
import type { SurfaceOptions } from '../surface.ts';
import { table } from '../table.ts';

interface CoverageArguments extends SurfaceOptions {
  readonly pg?: string;
  readonly tape?: readonly string[];
}

/** `redoubt coverage`: which kinds of WAL records the captures of a major reach, of all that it defines. */
export function addCoverageCommand(program: Command): void {
  program
    .command('coverage')
    .description("which kinds of WAL records the gate's captures reach, of all that a major defines")
    .addHelpText('after', examples('./redoubt coverage --pg 17'))
    .option('--pg <majors>', 'PostgreSQL majors, as in 15,17')
    .option('--tape <folders...>', "of these tapes instead of the gate's own captures")
    .option('--json', 'one JSON object on standard output')
    .option('--quiet', 'print the result only')
    .action(async (typed: CoverageArguments) => {
      await runCommand(typed, async ({ surface }) => {
        const asked = typed.pg === undefined ? undefined : parseMajors(typed.pg);
        const coverages =
          typed.tape === undefined
            ? await ofOwnCaptures(
                asked ?? referenceMajorsOf(computeMajors().map(defaultComputeImage)),
                surface.progress,
              )
            : ofTapes(typed.tape, asked);
        // Tapes that somebody has may reach what they like; what the gate captures must leave no gap.
        const hasGap = typed.tape === undefined && coverages.some(({ missing }) => missing > 0);
        const exitCode = hasGap ? 3 : 0;
        surface.result(coverages.flatMap(lines), { schemaVersion: 1, exitCode, majors: coverages });
        return exitCode;
      });
    });
}

async function ofOwnCaptures(majors: readonly number[], progress: Progress): Promise<readonly Coverage[]> {
  const coverages: Coverage[] = [];
  for (const major of majors)
    coverages.push(coverageOf(major, (await capturedTapes(major, progress)).map(kindsOf)));
  return coverages;
}

function ofTapes(folders: readonly string[], asked: readonly number[] | undefined): readonly Coverage[] {
  const tapes = folders.map((folder) => Tape.open(folder));
  const majors = asked ?? [...new Set(tapes.map(({ manifest }) => manifest.major))].toSorted((a, b) => a - b);
  return majors.map((major) => {
    const own = tapes.filter(({ manifest }) => manifest.major === major);
    if (own.length === 0)
      throw new RedoubtError('usage', 'no-tape', `no tape of PostgreSQL ${String(major)} was given`, {
        remedy: 'Name it with --tape, or leave that major out.',
      });
    return coverageOf(major, own.map(kindsOf));
  });
}

function kindsOf({ directory, manifest }: Tape): readonly KindCount[] {
  if (manifest.kinds !== undefined) return manifest.kinds;
  throw new RedoubtError('usage', 'tape-without-kinds', `${directory} does not say what WAL it was made of`, {
    remedy: 'Name tapes that `redoubt capture` made.',
  });
}

function lines({ major, kinds, reached, leftOut, missing }: Coverage): readonly string[] {
  const defined = reached + leftOut + missing;
  return [
    `PostgreSQL ${String(major)}: ${String(reached)} of ${String(defined)} kinds of records reached, ${String(leftOut)} left out for a reason, ${String(missing)} missing`,
    ...table(['kind', 'records', 'pages', 'note'], kinds.map(row)).map((line) => `  ${line}`),
    '',
  ];
}

function row(kind: CoveredKind): readonly string[] {
  const name = `${kind.rmgr} ${kind.kind}`;
  const note = notes[kind.state] ?? kind.reason ?? '';
  const pages = kind.changesPages === false ? '-' : number(kind.blockReferences);
  return [name, number(kind.records), pages, note];
}

const notes: Readonly<Partial<Record<CoveredKind['state'], string>>> = {
  missing: 'MISSING',
  undefined: 'not defined by this major',
};

function number(value: number): string {
  return value.toLocaleString('en-US').padStart(9);
}
