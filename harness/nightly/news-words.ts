import type { Palette } from '../report/console-view.ts';
import { printable } from '../report/printable.ts';
import type { ChangedInput, FirstBad, GoneFinding, News, StandingFinding } from './news.ts';
import type { NightlyFinding, NightlyInput, NightlyRun } from './nightly-run.ts';

const shownFindings = 20;

/** What is new since the run before, for people. */
export function newsLines(
  run: NightlyRun,
  news: News,
  told: readonly string[],
  palette: Palette,
): readonly string[] {
  const { bad, good, doubtful, strong } = palette;
  const { previousAt, verdictBefore, fresh, still, gone, unseen } = news;
  return [
    '',
    `${strong('nightly')}  ${dayOf(run.at)}, ${
      previousAt === null
        ? 'the first run of this history'
        : `since ${dayOf(previousAt)}: ${String(fresh.length)} new, ${String(gone.length)} gone, ${String(still.length)} still there${unseen.length === 0 ? '' : `, ${String(unseen.length)} not looked for`}`
    }`,
    ...(verdictBefore === null ? [] : [`${strong('verdict')}  was ${verdictBefore}, is ${run.verdict}`]),
    ...section(bad('new'), fresh, (each) => standingLines(each, palette)),
    ...section(doubtful('still'), still, (each) => standingLines(each, palette)),
    ...section(good('gone'), gone, goneLines),
    ...section(doubtful('not looked for'), unseen, goneLines),
    ...told.map((words) => `${doubtful('history')}  ${words}`),
  ];
}

function section<T>(
  title: string,
  all: readonly T[],
  linesOf: (each: T) => readonly string[],
): readonly string[] {
  if (all.length === 0) return [];
  const more = all.length - shownFindings;
  return [
    title,
    ...all.slice(0, shownFindings).flatMap((each) => linesOf(each)),
    ...(more > 0 ? [`  and ${String(more)} more, with --json`] : []),
  ];
}

function standingLines({ finding, firstBad, runs }: StandingFinding, { faint }: Palette): readonly string[] {
  const since = runs === 1 ? '' : `since ${dayOf(firstBad.at)}, ${String(runs)} runs; `;
  return [
    `  ${findingWords(finding)}`,
    `    ${printable(finding.message)}`,
    `    ${faint(`${since}${firstBadWords(firstBad)}`)}`,
  ];
}

function goneLines({ finding, since, lastAt }: GoneFinding): readonly string[] {
  return [`  ${findingWords(finding)}, from ${dayOf(since)} to ${dayOf(lastAt)}`];
}

function findingWords({ code, check, count, tolerance }: NightlyFinding): string {
  const times = count === 1 ? '' : ` (${String(count)} times)`;
  return `${code} ${printable(check)}${times}${tolerance === null ? '' : `, ${tolerance === 'warning' ? 'a warning' : 'accepted'}`}`;
}

function firstBadWords({ at, lastGoodAt, changed, redoubt }: FirstBad): string {
  if (lastGoodAt === null) return `first looked for on ${dayOf(at)}, and found at once`;
  const inputs = changed.map(changeWords);
  const harness =
    redoubt === null ? [] : [`Redoubt ${redoubt.to ?? 'unknown'} (it was ${redoubt.from ?? 'unknown'})`];
  const all = [...inputs, ...harness];
  return all.length === 0
    ? `last good on ${dayOf(lastGoodAt)} with the same bundle and images`
    : `first bad: ${all.join('; ')}; last good on ${dayOf(lastGoodAt)}`;
}

function changeWords({ name, from, to }: ChangedInput): string {
  return `${printable(name)} ${inputWords(to)} (${from === null ? 'there was none' : `it was ${inputWords(from)}`})`;
}

function inputWords({ digest, words }: NightlyInput): string {
  return `${printable(words)} sha256 ${digest.slice(0, 12)}`;
}

/** To the minute: two runs may be of one day. */
function dayOf(at: string): string {
  return at.slice(0, 16).replace('T', ' ');
}
