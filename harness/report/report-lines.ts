import { describeTolerance } from '../verdict/tolerance.ts';
import { summaryLines, type Palette } from './console-view.ts';
import { printableValue } from './printable.ts';
import type { Report, ReportCell, ReportCheck } from './report.ts';

type FindingsByCheck = ReadonlyMap<string, Report['findings']>;

const shownFindingsPerCheck = 5;

/** A report that is looked at later, in lines of a console: cell by cell, and what did not pass in full. */
export function reportLines(report: Report, directory: string, palette: Palette): readonly string[] {
  const shown = printableValue(report);
  const { bundles, hosts, absentHosts } = shown.inputs;
  const findings = Map.groupBy(shown.findings, ({ check }) => check);
  return [
    ...bundles.map(
      ({ role, source, digest, layout }) =>
        `${palette.strong(role)} ${source} ${palette.faint(`(${layout}, sha256 ${digest.slice(0, 12)})`)}`,
    ),
    ...hosts.map(({ name, libc }) => `${palette.strong('host')} ${name} ${palette.faint(libc)}`),
    ...absentHosts.map(
      ({ name, reason }) => `${palette.strong('host')} ${name} ${palette.doubtful(`not judged: ${reason}`)}`,
    ),
    ...(shown.cells.length === 0 ? [] : ['']),
    ...shown.cells.flatMap((cell) => cellLines(findings, cell, palette)),
    ...summaryLines(shown, directory, palette),
  ];
}

function cellLines(
  findings: FindingsByCheck,
  { id, verdict, checks }: ReportCell,
  palette: Palette,
): readonly string[] {
  const mark = {
    compatible: palette.good('✓'),
    incompatible: palette.bad('✗'),
    'not judged': palette.doubtful('?'),
  }[verdict];
  const passed = checks.filter(({ outcome }) => outcome === 'passed').length;
  return [
    `${mark} ${id}  ${palette.faint(`${String(passed)} of ${String(checks.length)} checks passed`)}`,
    ...checks
      .filter(({ outcome }) => outcome !== 'passed')
      .flatMap((check) => checkLines(findings.get(check.id) ?? [], check, palette)),
  ];
}

function checkLines(
  own: Report['findings'],
  { id, promise, outcome, reason, evidence }: ReportCheck,
  palette: Palette,
): readonly string[] {
  const mark = outcome === 'failed' ? palette.bad('✗') : palette.doubtful(outcome === 'accepted' ? '~' : '?');
  return [
    `  ${mark} ${id}`,
    `      ${palette.faint(promise)}`,
    ...own
      .slice(0, shownFindingsPerCheck)
      .flatMap(({ message, page, tolerance }) => [
        `      ${palette.bad('·')} ${message}`,
        ...(tolerance === undefined ? [] : [`        ${palette.doubtful(describeTolerance(tolerance))}`]),
        ...(typeof page?.files === 'string' ? [`        ${palette.faint(`evidence: ${page.files}`)}`] : []),
      ]),
    ...(own.length > shownFindingsPerCheck
      ? [`      ${palette.faint(`and ${String(own.length - shownFindingsPerCheck)} more in report.json`)}`]
      : []),
    ...(outcome === 'not judged' ? [`      ${palette.doubtful('·')} not judged: ${reason ?? ''}`] : []),
    ...(evidence === undefined ? [] : [`      ${palette.faint(`evidence: ${evidence}`)}`]),
  ];
}
