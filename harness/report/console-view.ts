import type { Tally, TimedEvent } from '../verdict/event.ts';
import type { JudgedFinding } from '../verdict/judge.ts';
import { describeSkew } from '../verdict/minor-skew.ts';
import { describeTolerance } from '../verdict/tolerance.ts';
import { printable, printableValue } from './printable.ts';
import type { Report } from './report.ts';

/** Colours, or the identity where there are none. */
export interface Palette {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly doubtful: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly strong: (text: string) => string;
}

const shownFindingsPerCheck = 5;

/** Says what an event means in the lines of a console; most events say nothing. */
export class ConsoleView {
  readonly #palette: Palette;
  readonly #promises = new Map<string, string>();
  readonly #findings = new Map<string, JudgedFinding[]>();
  #suite = '';

  constructor(palette: Palette) {
    this.#palette = palette;
  }

  lines(timed: TimedEvent): readonly string[] {
    const event = printableValue(timed);
    const { doubtful, faint, strong } = this.#palette;
    switch (event.type) {
      case 'bundle': {
        const { role, source, digest, layout, servers, notes = [] } = event.bundle;
        return [
          `${strong(role)} ${source} ${faint(`(${layout}, sha256 ${digest.slice(0, 12)})`)}`,
          ...Object.entries(servers).map(([major, server]) => `  v${major}: ${server}`),
          ...notes.map((note) => `  ${faint(note)}`),
        ];
      }
      case 'host':
        return [
          `${strong('host')} ${event.host.name} ${faint(
            Object.entries(event.host.packages)
              .map((pair) => pair.join(' '))
              .join(', ') || event.host.libc,
          )}`,
        ];
      case 'host-absent':
        return [`${strong('host')} ${event.host.name} ${doubtful(`not judged: ${event.host.reason}`)}`];
      case 'tape': {
        const { major, label, requests, records, serverVersion, fullPageWrites, compute } = event.tape;
        return [
          `${strong('tape')} pg${String(major)} ${label}: ${plural(requests, 'page')}, ${plural(records, 'record')} ${faint(`(PostgreSQL ${serverVersion}${compute === null ? '' : ` on ${compute}`}, full_page_writes=${fullPageWrites ? 'on' : 'off'})`)}`,
        ];
      }
      case 'skew': {
        const { major, tapes } = event.skew;
        return [
          `${strong('skew')} pg${String(major)} ${describeSkew(event.skew)}: pages of ${tapes.join(', ')} may differ in named classes`,
        ];
      }
      case 'planned':
        for (const { id, promise } of event.checks) this.#promises.set(id, promise);
        return [
          `${strong('plan')} ${plural(event.checks.length, 'check')} in ${plural(event.cells.length, 'cell')}`,
        ];
      case 'finding':
        this.#findings.set(event.check, [
          ...(this.#findings.get(event.check) ?? []),
          event.tolerance === undefined ? event.finding : { ...event.finding, tolerance: event.tolerance },
        ]);
        return [];
      case 'pin': {
        const { path, name, bundle, report, reviewers } = event.pin;
        const review = reviewers.length === 0 ? '' : `; a change is reviewed by ${reviewers.join(', ')}`;
        return [
          `${strong('pin')} ${path} ${name} ${faint(`(sha256 ${bundle.slice(0, 12)}, approved by report ${report.slice(0, 12)}${review})`)}`,
        ];
      }
      case 'policy': {
        const { path, digest, accepted, warnings } = event.policy;
        return [
          `${strong('policy')} ${path} ${faint(`(sha256 ${digest.slice(0, 12)})`)}: ${plural(accepted.length, 'accepted finding')}, ${plural(warnings.length, 'kind')} that only warn${warnings.length === 1 ? 's' : ''}`,
        ];
      }
      case 'check-ended':
        return [...this.#suiteHeading(event.check), ...this.#checkLines(event)];
      default:
        return [];
    }
  }

  #suiteHeading(check: string): readonly string[] {
    const suite = check.split('/')[2]?.replace(/\+.*$/, '') ?? '';
    if (suite === this.#suite) return [];
    this.#suite = suite;
    return ['', this.#palette.strong(suite)];
  }

  #checkLines(event: Extract<TimedEvent, { type: 'check-ended' }>): readonly string[] {
    const { good, bad, doubtful, faint } = this.#palette;
    const mark = {
      passed: good('✓'),
      failed: bad('✗'),
      accepted: doubtful('~'),
      'not judged': doubtful('?'),
    }[event.outcome];
    const compared = event.tallies.map(
      ({ oracle, pages, records, differences, ...excused }) =>
        `${oracle}: ${plural(pages, 'page')}, ${plural(records, 'record')}, ${plural(differences, 'difference')}${besides(excused)}`,
    );
    const facts = [...compared, seconds(event.durationMs)].join('; ');
    const lines = [`  ${mark} ${event.check}  ${faint(facts)}`];
    if (event.outcome !== 'passed') lines.push(`      ${faint(this.#promises.get(event.check) ?? '')}`);
    const findings = this.#findings.get(event.check) ?? [];
    for (const { message, page, tolerance } of findings.slice(0, shownFindingsPerCheck)) {
      lines.push(`      ${tolerance === undefined ? bad('·') : doubtful('·')} ${message}`);
      if (tolerance !== undefined) lines.push(`        ${doubtful(describeTolerance(tolerance))}`);
      const files = page?.files ?? undefined;
      if (files !== undefined)
        lines.push(`        ${faint(`by hand: ${files}/{requests,expected.page,actual.page}`)}`);
    }
    if (findings.length > shownFindingsPerCheck)
      lines.push(
        `      ${faint(`and ${count(findings.length - shownFindingsPerCheck)} more in report.json`)}`,
      );
    if (event.outcome === 'not judged')
      lines.push(`      ${doubtful('·')} not judged: ${event.reason ?? ''}`);
    if (event.outcome !== 'passed' && event.evidence !== undefined)
      lines.push(`      ${faint(`evidence: ${event.evidence}`)}`);
    for (const note of event.notes) lines.push(`      ${faint(note)}`);
    return lines;
  }
}

/** The closing lines of a run: what was compared by which oracle, and the verdict. */
export function summaryLines(report: Report, directory: string, palette: Palette): readonly string[] {
  const { good, bad, doubtful, faint, strong } = palette;
  const colour = { compatible: good, incompatible: bad, 'not judged': doubtful }[report.verdict];
  const { counts, compared } = report;
  const lines = [
    '',
    `${strong('checks')}   ${count(counts.planned)} planned, ${count(counts.run)} run, ${count(counts.passed)} passed, ${count(counts.failed)} failed, ${counts.accepted === 0 ? '' : `${count(counts.accepted)} accepted, `}${count(counts.notJudged)} not judged`,
  ];
  for (const [oracle, name] of [
    ['recovery', 'recovery'],
    ['model', 'the model of the pageserver'],
    ['image', 'images in the WAL'],
    ['consistency', 'the page after each record'],
    ['hosts', 'other hosts'],
    ['baseline', 'the baseline'],
  ] as const) {
    const { pages, records, bytes, differences, ...excused } = compared[oracle];
    if (pages > 0)
      lines.push(
        `${strong('compared')} with ${name}: ${plural(pages, 'page')}, ${plural(records, 'record')}, ${plural(bytes, 'byte')}: ${plural(differences, 'difference')}${besides(excused)}`,
      );
  }
  const open = Object.entries(report.pagesNotJudged).map(([fork, pages]) => `${count(pages)} ${fork}`);
  if (open.length > 0 && report.pages > 0)
    lines.push(
      faint(
        `not judged by an oracle: ${open.join(' and ')} pages of the tapes (compared between hosts only)`,
      ),
    );
  if (report.majors.length > 0)
    lines.push(
      `${strong('scope')}    PostgreSQL ${report.majors.map(String).join(', ')} on ${report.hosts.join(', ')}`,
    );
  lines.push(`${strong('verdict')}  ${colour(printable(report.sentence))}`, faint(`report   ${directory}`));
  return lines;
}

/** Pages that are neither equal in every byte nor differences. */
function besides({ masked, checksummed, named }: Pick<Tally, 'masked' | 'checksummed' | 'named'>): string {
  const words = [
    ...(checksummed === 0 ? [] : [`${count(checksummed)} with pd_checksum computed`]),
    ...(masked === 0 ? [] : [`${count(masked)} equal only under PostgreSQL's mask`]),
    ...Object.entries(named).map(([name, pages]) => `${count(pages)} ${name}`),
  ];
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
