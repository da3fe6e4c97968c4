import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';

import { RedoubtError } from '../error.ts';
import { coveringRequests, extractTape } from '../redo/tape-extract.ts';
import type { TapeRequest } from '../redo/tape-index.ts';
import { Tape } from '../redo/tape.ts';
import { runCommand } from './command.ts';
import type { SurfaceOptions } from './surface.ts';

interface ExtractArguments extends SurfaceOptions {
  readonly out: string;
  readonly request?: readonly string[];
  readonly mostKilobytes: string;
}

/** `redoubt extract TAPE`: a small tape out of a large one. */
export function addExtractCommand(program: Command): void {
  program
    .command('extract')
    .description('cut single requests, or a sample of every kind of record, out of a tape into a small one')
    .argument('<tape>', 'folder of the tape')
    .requiredOption('--out <folder>', 'where to put the small tape; must not exist')
    .option('--request <number...>', 'requests to take, as a finding names them')
    .option('--most-kilobytes <number>', 'without --request: how large the sample may be', '1000')
    .option('--json', 'one JSON object on standard output')
    .action(async (source: string, typed: ExtractArguments) => {
      await runCommand(typed, async ({ surface }) => {
        const out = resolve(typed.out);
        if (existsSync(out)) {
          throw new RedoubtError('usage', 'out-exists', `${out} exists already`, {
            remedy: 'Name a new folder with --out.',
          });
        }
        const tape = Tape.open(source);
        const { counts, files } = extractTape(tape, chosenRequests(tape, typed), out);
        const bytes = files.requests.bytes + files.index.bytes + files.oracle.bytes;
        surface.result(
          [
            `${out}: ${String(counts.requests)} requests, ${String(counts.records)} records, ${String(Math.ceil(bytes / 1000))} kB`,
          ],
          { schemaVersion: 1, exitCode: 0, tape: out, bytes, ...counts },
        );
        return await Promise.resolve(0);
      });
    });
}

function chosenRequests(tape: Tape, { request, mostKilobytes }: ExtractArguments): readonly TapeRequest[] {
  if (request === undefined)
    return coveringRequests(tape, 1000 * wholeNumber('--most-kilobytes', mostKilobytes));
  const numbers = request.map((word) => wholeNumber('--request', word));
  const beyond = numbers.find((number) => number >= tape.index.length);
  if (beyond !== undefined) {
    throw new RedoubtError(
      'usage',
      'no-such-request',
      `--request ${String(beyond)}: the tape has ${String(tape.index.length)} requests, from 0 on`,
    );
  }
  return [...new Set(numbers)].toSorted((left, right) => left - right).map((number) => tape.index.at(number));
}

function wholeNumber(option: string, typed: string): number {
  if (/^\d{1,9}$/.test(typed)) return Number(typed);
  throw new RedoubtError('usage', 'invalid-number', `${option} ${typed}: not a whole number`);
}
