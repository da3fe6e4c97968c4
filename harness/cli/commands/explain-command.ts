import { Option, type Command } from 'commander';

import { RedoubtError } from '../../error.ts';
import { explainPage } from '../../page/explain.ts';
import { explainedLines } from '../../page/explain-text.ts';
import { guessPageKind, pageKinds, type PageKind } from '../../page/kind.ts';
import type { Tape } from '../../redo/tape/tape.ts';
import { isPageEvidence } from '../../verdict/read-page-evidence.ts';
import { runCommand, type CommandContext } from '../command.ts';
import { examples } from '../examples.ts';
import { explainHistory } from '../pages/explain-history.ts';
import { explainRequest, explainTape, type Explanation } from '../pages/explain-tape.ts';
import type { BytePaint } from '../pages/byte-paint.ts';
import { hexLines } from '../pages/hex-lines.ts';
import { PageFile, countOf } from '../pages/page-file.ts';
import { findPage, kindWords, parseNumber } from '../pages/page-words.ts';
import type { SurfaceOptions } from '../surface.ts';
import { openTapeOrRecording } from '../tape-source.ts';

interface ExplainArguments extends SurfaceOptions {
  readonly block?: string;
  readonly kind?: PageKind;
  readonly request?: string;
  readonly page?: string;
  readonly step?: string;
  readonly side?: string;
  readonly pg?: string;
  readonly all?: boolean;
  readonly hex?: boolean;
}

/** `redoubt explain FILE|TAPE`: what the bytes of a page, or the requests of a tape, say. */
export function addExplainCommand(program: Command): void {
  program
    .command('explain')
    .description(
      'print a page, or a request of a tape, field by field with the names that PostgreSQL gives them',
    )
    .addHelpText(
      'after',
      examples(
        './redoubt explain my-tape --page public.words:main:12',
        './redoubt explain failing.walredo --pg 17 --request 0',
        './redoubt explain relation --block 3',
      ),
    )
    .argument(
      '<source>',
      "a page of 8,192 bytes, a relation file, the folder of a tape or of a bad page's evidence, or a recording (*.walredo)",
    )
    .option('--block <number>', 'which page of a relation file (default: 0)')
    .addOption(new Option('--kind <kind>', 'what kind of page it is (default: guessed)').choices(pageKinds))
    .option('--request <number>', 'which request of a tape')
    .option('--page <page>', 'which page of a tape, as in public.words_idx:main:12')
    .option(
      '--step <number>',
      'of evidence: the page after so many records (default: the first that is wrong)',
    )
    .addOption(
      new Option('--side <name>', 'of evidence: whose page to print, too').choices(['bundle', 'other']),
    )
    .option('--pg <major>', 'major of a recording')
    .option('--hex', 'add a map of the page and its bytes; of evidence and tapes both pages side by side')
    .option('--all', 'leave nothing out')
    .option('--json', 'one JSON object on standard output')
    .option('--quiet', 'print the result only')
    .action(async (source: string, typed: ExplainArguments) => {
      await runCommand(typed, async (context) => {
        const { lines, object } = await explanationOf(source, typed, context);
        context.surface.result(lines, { schemaVersion: 1, exitCode: 0, ...object });
        return 0;
      });
    });
}

async function explanationOf(
  source: string,
  typed: ExplainArguments,
  context: CommandContext,
): Promise<Explanation> {
  const { step, side, all = false } = typed;
  const hex = typed.hex === true ? context.surface.bytePaint : undefined;
  if (isPageEvidence(source)) return explainHistory(source, { step, side, all, hex });
  if (step !== undefined || side !== undefined) {
    throw wrongOptions(`--step and --side are for the evidence of a bad page, and ${source} is none`);
  }
  const tape = await openTapeOrRecording(source, typed.pg, context.stack);
  return tape === undefined ? ofFile(source, typed, hex) : ofTape(source, tape, typed, hex);
}

function ofTape(
  source: string,
  tape: Tape,
  typed: ExplainArguments,
  hex: BytePaint | undefined,
): Explanation {
  const { request, page, kind, block, all = false } = typed;
  if (block !== undefined) {
    throw wrongOptions('--block is for page files; a request of a tape has --request or --page');
  }
  if (request !== undefined && page !== undefined) {
    throw wrongOptions('--request and --page name the same thing: give one of them');
  }
  const shown = { given: kind, all, hex };
  if (page !== undefined) return explainRequest(source, tape, findPage(tape, page), shown);
  return request === undefined
    ? explainTape(source, tape, all)
    : explainRequest(source, tape, tape.index.at(requestNumber(tape, request)), shown);
}

function requestNumber(tape: Tape, text: string): number {
  const number = parseNumber(text, '--request');
  if (number < tape.index.length) return number;
  throw wrongOptions(`the tape has ${countOf(tape.index.length, 'request')}, from 0 on: none is ${number}`);
}

function ofFile(path: string, typed: ExplainArguments, hex: BytePaint | undefined): Explanation {
  const { request, page, kind, all = false } = typed;
  if (request !== undefined || page !== undefined) {
    throw wrongOptions(`--request and --page are for tapes, and ${path} has no tape's manifest`);
  }
  using file = PageFile.open(path);
  const block = typed.block === undefined ? 0 : parseNumber(typed.block, '--block');
  const bytes = file.page(block);
  const known = kind ?? guessPageKind(bytes);
  const explained = explainPage(bytes, known);
  const where = `${path}: block ${block} of ${countOf(file.pages, 'page')}, ${kindWords(known, kind)}`;
  return {
    lines: [
      where,
      ...explainedLines(explained, { all }),
      ...(hex === undefined
        ? []
        : ['', ...hexLines(known, [{ name: where, page: bytes }], { paint: hex, all })]),
    ],
    object: { file: path, block, blocks: file.pages, ...explained },
  };
}

function wrongOptions(message: string): RedoubtError {
  return new RedoubtError('usage', 'arguments', message, {
    remedy: 'Type ./redoubt explain --help for its options.',
  });
}
