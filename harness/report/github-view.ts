import { describeTolerance } from '../verdict/tolerance.ts';
import { printableValue } from './printable.ts';
import type { Report } from './report.ts';

/** GitHub shows ten errors of a step, and ten warnings, and passes over the others. */
const shownErrors = 10;

/**
 * The workflow commands that show a report's verdict and first findings beside the change that it judges, one a line; what
 * the policy lets stand warns.
 */
export function githubAnnotations(report: Report): readonly string[] {
  const { verdict, sentence, findings, cells } = printableValue(report);
  const failed = findings.filter(({ tolerance }) => tolerance === undefined);
  const open = cells.flatMap(({ checks }) => checks).filter(({ outcome }) => outcome === 'not judged');
  const errors = [
    ...(verdict === 'compatible' ? [] : [command('error', 'Redoubt', sentence)]),
    ...failed.map(({ check, code, message }) => command('error', `${check} (${code})`, message)),
    ...open.map(({ id, reason }) => command('error', id, `not judged: ${reason ?? 'no reason given'}`)),
  ];
  const tolerated = findings.flatMap(({ check, code, message, tolerance }) =>
    tolerance === undefined
      ? []
      : [command('warning', `${check} (${code})`, `${message} (${describeTolerance(tolerance)})`)],
  );
  const rest = errors.length - shownErrors;
  return [
    ...errors.slice(0, shownErrors),
    ...(rest > 0
      ? [command('notice', 'Redoubt', `${String(rest)} more in the job summary and in report.json`)]
      : []),
    ...(errors.length === 0 ? [command('notice', 'Redoubt', sentence)] : []),
    ...tolerated.slice(0, shownErrors),
  ];
}

function command(kind: 'error' | 'notice' | 'warning', title: string, message: string): string {
  return `::${kind} title=${property(title)}::${data(message)}`;
}

/** As the runner of GitHub Actions takes them apart again. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
