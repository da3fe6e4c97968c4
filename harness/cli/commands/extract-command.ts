import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';

import { RedoubtError } from '../../error.ts';
import { writeReproduction } from '../../redo/request/reproduction.ts';
import { reproductionScriptFile, writeReproductionScript } from '../../redo/request/reproduction-script.ts';
import { coveringRequests, extractTape } from '../../redo/tape/tape-extract.ts';
import type { TapeRequest } from '../../redo/tape/tape-index.ts';
import { tapeFiles } from '../../redo/tape/tape-manifest.ts';
import { Tape } from '../../redo/tape/tape.ts';
import { runCommand } from '../command.ts';
import { examples } from '../examples.ts';
import { isEvidence, reproductionOf } from '../extract-source.ts';
import { countOf } from '../pages/page-file.ts';
import { findPage, parseNumber } from '../pages/page-words.ts';
import type { Surface, SurfaceOptions } from '../surface.ts';
import { openTapeOrRecording } from '../tape-source.ts';

interface ExtractArguments extends SurfaceOptions {
  readonly out: string;
  readonly request?: readonly string[];
  readonly page?: readonly string[];
  readonly finding?: string;
  readonly pg?: string;
  readonly mostKilobytes: string;
}

/** `redoubt extract SOURCE`: what is fit for a bug report, out of what is too large for one. */
export function addExtractCommand(program: Command): void {
  program
    .command('extract')
    .description(
      'cut out what a bug report needs, with a reproduce.sh that needs nothing but the bundle: single requests of a tape, or the first wrong record of a finding',
    )
    .addHelpText(
      'after',
      examples(
        './redoubt extract my-report --out shown',
        './redoubt extract my-tape --request 0 --out tiny-tape',
      ),
    )
    .argument('<source>', 'a tape, a recording (*.walredo), or the report of a run')
    .requiredOption('--out <folder>', 'where to put it; must not exist')
    .option('--request <number...>', 'requests to take, as a finding names them')
    .option('--page <page...>', 'pages to take, as in public.words_idx:main:12')
    .option('--finding <number>', 'of a report: which of its findings about pages (default: the first, 1)')
    .option('--pg <major>', 'major of a recording')
    .option('--most-kilobytes <number>', 'without --request: how large the sample of a tape may be', '1000')
    .option('--json', 'one JSON object on standard output')
    .action(async (source: string, typed: ExtractArguments) => {
      await runCommand(typed, async ({ surface, stack }) => {
        const out = resolve(typed.out);
        if (existsSync(out)) {
          throw new RedoubtError('usage', 'out-exists', `${out} exists already`, {
            remedy: 'Name a new folder with --out.',
          });
        }
        if (isEvidence(source)) {
          await ofReport(source, out, typed, surface);
          return 0;
        }
        const tape = await openTapeOrRecording(source, typed.pg, stack);
        if (tape === undefined) throw noSource(source);
        ofTape(tape, out, typed, surface);
        return 0;
      });
    });
}

function ofTape(tape: Tape, out: string, typed: ExtractArguments, surface: Surface): void {
  if (typed.finding !== undefined) throw wrongOptions('--finding is for reports; a tape has --request');
  const { counts, files, major } = extractTape(tape, chosenRequests(tape, typed), out);
  writeReproductionScript(out, {
    major,
    title: `${countOf(counts.requests, 'request')} of ${tape.manifest.workload}`,
    differences: [],
    requestsFile: tapeFiles.requests,
    requestsSha256: files.requests.sha256,
    requests: counts.requests,
    pagesFile: tapeFiles.oracle,
    judged: [...Tape.open(out).index].filter(({ oracle }) => oracle !== 'none').map(({ number }) => number),
    foundSha256: undefined,
  });
  const bytes = files.requests.bytes + files.index.bytes + files.oracle.bytes;
  surface.result(
    [
      `${out}: ${countOf(counts.requests, 'request')}, ${countOf(counts.records, 'record')}, ${String(Math.ceil(bytes / 1000))} kB`,
      ...(counts.judged === 0
        ? ['what the pages must be is not known: they can be compared with those of another bundle']
        : []),
      `by hand: ${out}/${reproductionScriptFile} BUNDLE`,
    ],
    { schemaVersion: 1, exitCode: 0, tape: out, bytes, ...counts },
  );
}

async function ofReport(
  source: string,
  out: string,
  { finding, request, page }: ExtractArguments,
  surface: Surface,
): Promise<void> {
  if (request !== undefined || page !== undefined)
    throw wrongOptions('--request and --page are for tapes; a report has --finding');
  const reproduction = reproductionOf(source, finding === undefined ? 1 : parseNumber(finding, '--finding'));
  const { bytes, isLarge } = await writeReproduction(out, reproduction);
  const { title, major, differences } = reproduction;
  surface.result(
    [
      `${out}: ${title}, ${String(Math.ceil(bytes / 1000))} kB${isLarge ? ': packed, and its bytes do not compress further' : ''}`,
      ...differences.map((line) => `  ${line}`),
      `by hand: ${out}/${reproductionScriptFile} BUNDLE`,
    ],
    { schemaVersion: 1, exitCode: 0, reproduction: out, title, major, bytes, differences },
  );
}

function chosenRequests(
  tape: Tape,
  { request, page, mostKilobytes }: ExtractArguments,
): readonly TapeRequest[] {
  if (request === undefined && page === undefined)
    return coveringRequests(tape, 1000 * parseNumber(mostKilobytes, '--most-kilobytes'));
  const numbers = (request ?? []).map((word) => parseNumber(word, '--request'));
  const beyond = numbers.find((number) => number >= tape.index.length);
  if (beyond !== undefined) {
    throw new RedoubtError(
      'usage',
      'no-such-request',
      `--request ${String(beyond)}: the tape has ${String(tape.index.length)} requests, from 0 on`,
    );
  }
  const ofPages = (page ?? []).map((words) => findPage(tape, words).number);
  return [...new Set([...numbers, ...ofPages])]
    .toSorted((left, right) => left - right)
    .map((number) => tape.index.at(number));
}

function noSource(source: string): RedoubtError {
  return new RedoubtError('usage', 'no-tape', `${source} is no tape, recording or report`, {
    remedy:
      'Name a folder that `redoubt capture` or a run made; a recording that is not *.walredo needs --pg.',
  });
}

function wrongOptions(message: string): RedoubtError {
  return new RedoubtError('usage', 'arguments', message, {
    remedy: 'Type ./redoubt extract --help for its options.',
  });
}
