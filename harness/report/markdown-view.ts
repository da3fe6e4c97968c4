import { describeTolerance } from '../verdict/tolerance.ts';
import { printableValue } from './printable.ts';
import type { Report, ReportCell } from './report.ts';

/** GitHub refuses a job summary of more than 1 MiB; some of it is left to other steps. */
const mostBytes = 900_000;
/** So much of the table, at most: what was found matters more. */
const mostTableBytes = 300_000;
const mostMessageLength = 2000;

const marks = { compatible: '✓', incompatible: '✗', 'not judged': '?' } as const;

/** A report as GitHub's Markdown, for a job summary or a comment: the verdict, the matrix, what was found, what was judged. */
export function markdownView(report: Report): string {
  const shown = printableValue(report);
  const page = new BoundedText(mostBytes);
  page.add([`## ${marks[shown.verdict]} Redoubt: ${shown.verdict}`, '', text(shown.sentence), '']);
  page.add([countsLine(shown), '', ...matrixLines(shown.cells), '']);
  page.addEach('Findings', findingParagraphs(shown));
  page.addEach('Checks that were not judged', openParagraphs(shown));
  page.addEach('Inputs', inputLines(shown));
  return page.toString();
}

function countsLine({ counts, pages, records, differences, complete }: Report): string {
  const { planned, passed, failed, accepted, notJudged } = counts;
  const checks = `${plural(planned, 'check')} planned: ${count(passed)} passed, ${count(failed)} failed, ${accepted === 0 ? '' : `${count(accepted)} accepted, `}${count(notJudged)} not judged`;
  const compared =
    pages === 0
      ? ''
      : ` ${plural(pages, 'page')} and ${plural(records, 'record')} compared with recovery, ${plural(differences, 'difference')} in all.`;
  return `${checks}.${compared}${complete ? '' : ' **The run did not come to its end.**'}`;
}

/** One row for each thing examined on a host, one column for each suite. */
function matrixLines(cells: readonly ReportCell[]): readonly string[] {
  if (cells.length === 0) return [];
  const suites = [...new Set(cells.map(({ suite }) => suite))];
  const rows = [...Map.groupBy(cells, rowOf)];
  const lines = [
    `| cell | ${suites.map(text).join(' | ')} |`,
    `| --- |${suites.map(() => ' :-: |').join('')}`,
    ...rows.map(
      ([name, own]) => `| ${text(name)} | ${suites.map((suite) => markOf(own, suite)).join(' | ')} |`,
    ),
  ];
  const fitting = new BoundedText(mostTableBytes);
  for (const [index, line] of lines.entries())
    if (!fitting.addIfFits(line))
      return [
        ...fitting.lines,
        '',
        `${count(lines.length - index)} rows more are in report.json; where a check failed, it is below.`,
      ];
  return lines;
}

/** `pg17/debian:12` of `pg17/debian:12/walredo`. */
function rowOf({ id, suite }: ReportCell): string {
  const at = id.lastIndexOf(`/${suite}`);
  return at > 0 ? id.slice(0, at) : id;
}

function markOf(cells: readonly ReportCell[], suite: string): string {
  const own = cells.filter((cell) => cell.suite === suite);
  if (own.length === 0) return '';
  if (own.some(({ verdict }) => verdict === 'incompatible')) return marks.incompatible;
  return own.some(({ verdict }) => verdict === 'not judged') ? marks['not judged'] : marks.compatible;
}

function findingParagraphs({ findings }: Report): readonly string[] {
  return findings.map(({ check, code, message, page, tolerance }) => {
    const stands = tolerance === undefined ? '' : ` (${text(describeTolerance(tolerance))})`;
    const files = page?.files ?? null;
    return [
      `- **${text(check)}** \`${code}\`${stands}: ${text(short(message))}`,
      ...(files === null ? [] : [`  - evidence: ${text(files)}`]),
    ].join('\n');
  });
}

function openParagraphs({ cells }: Report): readonly string[] {
  return cells
    .flatMap(({ checks }) => checks)
    .filter(({ outcome }) => outcome === 'not judged')
    .map(({ id, reason }) => `- **${text(id)}**: ${text(short(reason ?? 'no reason given'))}`);
}

function inputLines({ inputs }: Report): readonly string[] {
  const { bundles, hosts, absentHosts, tapes } = inputs;
  return [
    ...bundles.map(
      ({ role, source, digest, layout }) =>
        `- ${role} ${text(source)} (${text(layout)}, sha256 ${text(digest)})`,
    ),
    ...hosts.map(({ name, engine, libc }) => `- host ${text(name)} (${text(libc)}, engine ${text(engine)})`),
    ...absentHosts.map(({ name, reason }) => `- host ${text(name)}, not judged: ${text(short(reason))}`),
    ...tapes.map(
      ({ label, major, serverVersion, requests, records }) =>
        `- tape pg${String(major)} ${text(label)}: ${count(requests)} pages, ${count(records)} records of PostgreSQL ${text(serverVersion)}`,
    ),
  ];
}

/** Lines up to a number of bytes in UTF-8; what does not fit is counted, never cut in the middle. */
class BoundedText {
  readonly #mostBytes: number;
  readonly #lines: string[] = [];
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  add(lines: readonly string[]): void {
    for (const line of lines) this.addIfFits(line);
  }

  addIfFits(line: string): boolean {
    const bytes = Buffer.byteLength(line) + 1;
    if (this.#bytes + bytes > this.#mostBytes) return false;
    this.#lines.push(line);
    this.#bytes += bytes;
    return true;
  }

  /** A heading and its items, as many as fit; the last line tells of the others. */
  addEach(heading: string, items: readonly string[]): void {
    if (items.length === 0 || !this.addIfFits(`### ${heading} (${count(items.length)})\n`)) return;
    const room = 200;
    for (const [index, item] of items.entries()) {
      if (this.#bytes + Buffer.byteLength(item) + room <= this.#mostBytes && this.addIfFits(item)) continue;
      this.addIfFits(`- and ${count(items.length - index)} more, in report.json`);
      break;
    }
    this.addIfFits('');
  }

  toString(): string {
    return `${this.#lines.join('\n').trimEnd()}\n`;
  }
}

/** Text that Markdown and the HTML in it leave as it is, also inside a table; a mention or a reference to an issue is none. */
function text(plain: string): string {
  return plain
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '&#64;')
    .replaceAll(/[\\`*_{}[\]#|~$]/g, String.raw`\$&`)
    .replaceAll('://', ':&#47;/')
    .replaceAll('www.', 'www&#46;');
}

function short(message: string): string {
  return message.length <= mostMessageLength ? message : `${message.slice(0, mostMessageLength)}…`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}
