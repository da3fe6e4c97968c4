import { Option, type Command } from 'commander';

import { RedoubtError } from '../../error.ts';
import type { DifferenceClass } from '../../page/diff.ts';
import { pageKinds, type PageKind } from '../../page/kind.ts';
import { Tape } from '../../redo/tape/tape.ts';
import { runCommand } from '../command.ts';
import { examples } from '../examples.ts';
import { DiffTally, type DescribedPair } from '../pages/diff-tally.ts';
import { countOf } from '../pages/page-file.ts';
import {
  PagePositions,
  compareByPosition,
  compareTapes,
  pairOf,
  type PairCounts,
} from '../pages/page-pairs.ts';
import { isTape, parseNumber } from '../pages/page-words.ts';
import { rangeLines } from '../pages/range-lines.ts';
import type { SurfaceOptions } from '../surface.ts';

interface DiffArguments extends SurfaceOptions {
  readonly block?: string;
  readonly kind?: PageKind;
  readonly text?: boolean;
  readonly hex?: boolean;
  readonly all?: boolean;
}

/** Pages described when nothing else is asked for, with a text diff of each, and with --all. */
const shownPages = 20;
const shownTexts = 3;
const mostPages = 1000;

const classes: readonly (readonly [one: DifferenceClass, words: string])[] = [
  ['identical', 'identical'],
  ['lsn-only', 'LSN only'],
  ['checksum-only', 'checksum only'],
  ['hint-bits-only', 'hint bits only'],
  ['free-space-only', 'free space only'],
  ['item-order', 'item order'],
  ['content', 'content'],
];

/** `redoubt diff A B`: two pages, relation files, or tapes, page by page and field by field. */
export function addDiffCommand(program: Command): void {
  program
    .command('diff')
    .description(
      'compare two pages, relation files, outputs of walredo or tapes, and say per field what differs',
    )
    .addHelpText(
      'after',
      examples(
        './redoubt diff expected.page actual.page --text',
        './redoubt diff relation standby-relation --block 3',
      ),
    )
    .argument(
      '<expected>',
      'a page, a relation file, an output of walredo, or the folder of a tape (its oracle)',
    )
    .argument('<actual>', 'what to compare with it')
    .option('--block <number>', 'one page of both only (of a tape: one request)')
    .addOption(
      new Option('--kind <kind>', 'what kind of pages they are (default: guessed)').choices(pageKinds),
    )
    .option('--text', 'add a unified diff of what `redoubt explain --all` says of the two')
    .option('--hex', 'add a map of both pages and their bytes side by side, around what differs')
    .option('--all', `describe up to ${mostPages} pages`)
    .option('--json', 'one JSON object on standard output')
    .option('--quiet', 'print the result only')
    .addHelpText('after', '\nExit codes: 0 identical, 1 different, 2 usage, 3 infrastructure.')
    .action(async (expected: string, actual: string, typed: DiffArguments) => {
      await runCommand(typed, ({ surface }) => {
        const { text = false, all = false, json = false, kind } = typed;
        // For programs the ranges are all there is to say.
        const hex = typed.hex === true && !json ? surface.bytePaint : undefined;
        const most = all ? mostPages : text || hex !== undefined ? shownTexts : shownPages;
        const tally = new DiffTally({ kind, most, text, hex });
        const counts = compare(expected, actual, typed.block, tally);
        const different = tally.different + counts.missing + counts.extra;
        const exitCode = different === 0 ? 0 : 1;
        surface.result(linesOf(tally, counts), {
          schemaVersion: 1,
          exitCode,
          expected,
          actual,
          ...counts,
          identical: counts.compared - tally.different,
          different: tally.different,
          classes: Object.fromEntries(classes.map(([one]) => [one, countIn(one, tally, counts)])),
          differences: tally.described,
        });
        return Promise.resolve(exitCode);
      });
    });
}

function compare(expected: string, actual: string, block: string | undefined, tally: DiffTally): PairCounts {
  const [left, right] = [open(expected), open(actual)];
  if (left instanceof Tape && right instanceof Tape && block === undefined) {
    const counts = compareTapes(left, right, (pair) => {
      tally.add(pair);
    });
    return requireCompared(counts);
  }
  using expectedPages = new PagePositions(left);
  using actualPages = new PagePositions(right);
  if (block !== undefined) {
    tally.add(pairOf(expectedPages, actualPages, parseNumber(block, '--block')));
    return { compared: 1, missing: 0, extra: 0, notCompared: 0 };
  }
  const counts = compareByPosition(expectedPages, actualPages, (pair) => {
    tally.add(pair);
  });
  return requireCompared(counts);
}

function open(path: string): string | Tape {
  if (path.endsWith('.walredo')) throw isRecording(path);
  return isTape(path) ? Tape.open(path) : path;
}

function isRecording(path: string): RedoubtError {
  return new RedoubtError(
    'usage',
    'recording-has-no-pages',
    `${path} is a recording: it holds what walredo was asked, and no page that could be compared`,
    { remedy: 'Compare bundles on it: redoubt replay FILE --pg MAJOR --baseline BUNDLE, or redoubt bisect.' },
  );
}

/** Tapes that have no page in common, or no oracle, are neither equal nor different. */
function requireCompared(counts: PairCounts): PairCounts {
  if (counts.compared > 0) return counts;
  throw new RedoubtError('usage', 'nothing-compared', 'the two have no page that can be compared', {
    remedy: 'Compare tapes of one workload that have an oracle, or the pages of two replays.',
  });
}

function countIn(one: DifferenceClass, tally: DiffTally, { compared }: PairCounts): number {
  return one === 'identical' ? compared - tally.different : tally.count(one);
}

function linesOf(tally: DiffTally, counts: PairCounts): readonly string[] {
  const rows = [
    ...classes.map(([one, words]) => [words, countIn(one, tally, counts)] as const),
    ['missing', counts.missing] as const,
    ['extra', counts.extra] as const,
    ['not compared: no oracle', counts.notCompared] as const,
  ];
  const left = tally.different - tally.described.length;
  return [
    ...tally.described.flatMap(pairLines),
    ...(left === 0
      ? []
      : [`... ${countOf(left, 'more page')} that differ; --all describes up to ${mostPages}`]),
    `${countOf(counts.compared, 'page')} compared`,
    ...rows.filter(([, count]) => count > 0).map(([words, count]) => `  ${words}: ${count}`),
  ];
}

function pairLines(pair: DescribedPair): readonly string[] {
  const { page, kind, class: one, parts, bytesDiffering, ranges, rangesTotal, text, hex } = pair;
  const words = classes.find(([name]) => name === one)?.[1] ?? one;
  const of = parts.length > 1 ? ` (${parts.join(', ')})` : '';
  return [
    `${page}: ${words}${of}, ${countOf(bytesDiffering, 'byte')} of a ${kind} page`,
    ...ranges.flatMap((range) => rangeLines(range)),
    ...(rangesTotal > ranges.length ? [`  ... ${rangesTotal - ranges.length} more fields`] : []),
    ...(hex === undefined ? [] : ['', ...hex]),
    ...(text === undefined ? [] : (text ?? 'the two are too unlike for a text diff').trimEnd().split('\n')),
    '',
  ];
}
