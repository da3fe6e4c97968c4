import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';

import { openBundle, type Bundle } from '../../bundle/open.ts';
import { RedoubtError } from '../../error.ts';
import { bisectTape, type Bisection, type FirstBadRecord } from '../../gate/replay/bisect-tape.ts';
import { openReferenceBundle } from '../../gate/inputs/reference-bundle.ts';
import { openChrootHost } from '../../host/chroot/chroot-host.ts';
import { ensureHostRoot } from '../../host/host-root.ts';
import type { Progress } from '../../host/progress.ts';
import { temporaryDirectory } from '../../host/run-directory.ts';
import { diffPages } from '../../page/diff.ts';
import { writeReproduction } from '../../redo/request/reproduction.ts';
import { reproductionScriptFile } from '../../redo/request/reproduction-script.ts';
import { readRequestRecords } from '../../redo/request/request-records.ts';
import type { TapeRequest } from '../../redo/tape/tape-index.ts';
import type { Tape } from '../../redo/tape/tape.ts';
import { reproduceRecord } from '../../verdict/page-reproduction.ts';
import { formatPageKey } from '../../redo/page-key.ts';
import { runCommand } from '../command.ts';
import { examples } from '../examples.ts';
import { findPage, parseNumber } from '../pages/page-words.ts';
import { prepare } from '../prepare.ts';
import type { SurfaceOptions } from '../surface.ts';
import { openTapeOrRecording } from '../tape-source.ts';

interface BisectArguments extends SurfaceOptions {
  readonly bundle: string;
  readonly sound?: string;
  readonly host: string;
  readonly page?: string;
  readonly request?: string;
  readonly pg?: string;
  readonly out?: string;
  readonly answerTimeout: string;
}

const shownRanges = 8;

/** `redoubt bisect TAPE`: the first record that a bundle applies wrongly. */
export function addBisectCommand(program: Command): void {
  program
    .command('bisect')
    .description('find the first record of a tape that a bundle applies wrongly, by replaying it')
    .addHelpText('after', examples('./redoubt bisect my-tape --bundle bundle.tar.zst --out shown'))
    .argument('<tape>', 'folder that `redoubt capture` made, or a recording (*.walredo)')
    .requiredOption('--bundle <bundle>', 'the bundle in doubt: folder or tarball')
    .option('--sound <bundle>', 'a bundle whose pages are right (default: the reference bundle)')
    .option('--host <name>', 'host on which both run', 'debian:12')
    .option('--page <page>', 'only this page, as in public.words_idx:main:12')
    .option('--request <number>', 'only this request')
    .option('--pg <major>', 'major of a recording')
    .option('--out <folder>', 'where to put what shows the record again; must not exist')
    .option('--answer-timeout <seconds>', 'longest time for one page', '60')
    .option('--json', 'one JSON object on standard output')
    .option('--quiet', 'print the result only')
    .action(async (source: string, typed: BisectArguments) => {
      await runCommand(typed, async ({ surface, stack }) => {
        const out = typed.out === undefined ? undefined : newFolder(typed.out);
        const answerTimeoutMs = 1000 * parseNumber(typed.answerTimeout, '--answer-timeout');
        const tape = await openTapeOrRecording(source, typed.pg, stack);
        if (tape === undefined) {
          throw new RedoubtError('usage', 'no-tape', `${source} is neither a tape nor a recording`, {
            remedy:
              'Name a folder that `redoubt capture` made; a recording that is not *.walredo needs --pg.',
          });
        }
        const requests = chosenRequests(tape, typed);
        await prepare('replaying a tape', surface);
        const scratch = stack.use(await temporaryDirectory('a bisection'));
        const bundle = await openBundle(typed.bundle, surface.progress);
        const sound = await openSound(typed.sound, bundle, tape.manifest.major, surface.progress);
        const outcome = await ensureHostRoot(
          { name: typed.host, archive: undefined, isRequired: true },
          surface.progress,
        );
        if (outcome.kind === 'absent')
          throw new RedoubtError('infrastructure', 'host-absent', outcome.host.reason);
        const host = stack.use(await openChrootHost(typed.host, outcome.root.path, surface.progress));
        const sides = { bundle, sound, host, answerTimeoutMs };
        const bisection = await bisectTape(tape, requests, sides, scratch.path, surface.progress);
        const { first } = bisection;
        if (out !== undefined && first !== undefined) await reproduce(tape, first, out);
        const isTold = first !== undefined || bisection.badFromStart.length > 0;
        const exitCode = bisection.bad.length === 0 ? 0 : isTold ? 1 : 3;
        surface.result(linesOf(tape, bisection, out), {
          schemaVersion: 1,
          exitCode,
          ...plain(source, bisection, tape),
          reproduction: first === undefined ? null : (out ?? null),
        });
        return exitCode;
      });
    });
}

function newFolder(typed: string): string {
  const out = resolve(typed);
  if (!existsSync(out)) return out;
  throw new RedoubtError('usage', 'out-exists', `${out} exists already`, {
    remedy: 'Name a new folder with --out.',
  });
}

function chosenRequests(tape: Tape, { page, request }: BisectArguments): readonly TapeRequest[] {
  if (page !== undefined) return [findPage(tape, page)];
  if (request === undefined) return [...tape.index];
  const number = parseNumber(request, '--request');
  if (number < tape.index.length) return [tape.index.at(number)];
  throw new RedoubtError(
    'usage',
    'no-such-request',
    `--request ${request}: the tape has ${String(tape.index.length)} requests, from 0 on`,
  );
}

async function openSound(
  named: string | undefined,
  bundle: Bundle,
  major: number,
  progress: Progress,
): Promise<Bundle> {
  const sound =
    named === undefined ? await openReferenceBundle(major, progress) : await openBundle(named, progress);
  if (sound.digest !== bundle.digest) return sound;
  throw new RedoubtError('usage', 'same-bundle', 'the bundle in doubt and the sound one are the same', {
    remedy: 'Name another bundle with --sound: where their pages part is the record that is looked for.',
  });
}

async function reproduce(
  tape: Tape,
  { request, number, record, before, expected, actual }: FirstBadRecord,
  out: string,
): Promise<void> {
  const applied = readRequestRecords(tape.readRequest(request)).records[number - 1];
  if (applied === undefined) return;
  await writeReproduction(
    out,
    reproduceRecord({
      title: `${tape.nameOf(request.key)}: record ${String(number)} of ${String(request.records)}, ${record.rmgr} ${record.kind}, ends at ${record.endLsn}`,
      major: tape.manifest.major,
      key: request.key,
      before,
      record: applied,
      kind: tape.pageKindOf(request.key, expected),
      columns: tape.relationOf(request.key)?.columns,
      expected,
      actual,
    }),
  );
}

function linesOf(
  tape: Tape,
  { requests, bad, badFromStart, first }: Bisection,
  out: string | undefined,
): readonly string[] {
  if (bad.length === 0) return [`${String(requests)} requests replayed: every page is as it must be`];
  const counted = `${String(bad.length)} of ${String(requests)} pages are wrong`;
  if (first === undefined && badFromStart.length > 0) {
    return [
      `wrong before any record: what comes back is not the page that was pushed (request ${badFromStart.join(', ')})`,
      counted,
    ];
  }
  if (first === undefined) {
    return [`${counted}, but the sound bundle makes the same pages of their records: no record is to blame`];
  }
  const { request, number, record } = first;
  return [
    `first bad record: ${record.rmgr} ${record.kind}, which ends at ${record.endLsn}`,
    `  on ${tape.nameOf(request.key)} (request ${String(request.number)}): record ${String(number)} of ${String(request.records)}`,
    ...record.blocks.map((block) => `  ${block}`),
    ...record.fields.map(({ name, value }) => `  ${name} ${value}`),
    ...differences(tape, first).map((line) => `  ${line}`),
    counted,
    ...(out === undefined ? [] : [`by hand: ${out}/${reproductionScriptFile} BUNDLE`]),
  ];
}

function differences(tape: Tape, { request, expected, actual }: FirstBadRecord): readonly string[] {
  if (actual === undefined) return ['the bundle gives no page'];
  const kind = tape.pageKindOf(request.key, expected);
  const { ranges, rangesTotal } = diffPages(expected, actual, kind, shownRanges);
  const left = rangesTotal - ranges.length;
  return [
    ...ranges.map(
      (range) =>
        `byte ${String(range.offset)}: ${range.field}: ${range.expected} expected, ${range.actual} found`,
    ),
    ...(left === 0 ? [] : [`... ${String(left)} more places`]),
  ];
}

function plain(
  source: string,
  { requests, bad, badFromStart, first }: Bisection,
  tape: Tape,
): Readonly<Record<string, unknown>> {
  return {
    tape: source,
    requests,
    bad,
    badFromStart,
    first:
      first === undefined
        ? null
        : {
            request: first.request.number,
            relation: tape.relationOf(first.request.key)?.name ?? null,
            page: formatPageKey(first.request.key),
            number: first.number,
            of: first.request.records,
            record: first.record,
            answered: first.actual !== undefined,
          },
  };
}
