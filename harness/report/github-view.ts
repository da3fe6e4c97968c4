import { printableValue } from './printable.ts';
import type { Report } from './report.ts';

/** GitHub shows ten errors of a step and passes over the others. */
const shownErrors = 10;

/**
 * The workflow commands that show a report's verdict and first findings beside the change that it judges, one a line; none
 * for a bundle that is compatible and of which nothing was found.
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
  const rest = errors.length - shownErrors;
  return [
    ...errors.slice(0, shownErrors),
    ...(rest > 0
      ? [command('notice', 'Redoubt', `${String(rest)} more in the job summary and in report.json`)]
      : []),
    ...(errors.length === 0 ? [command('notice', 'Redoubt', sentence)] : []),
  ];
}

function command(kind: 'error' | 'notice', title: string, message: string): string {
  return `::${kind} title=${property(title)}::${data(message)}`;
}

/** As the runner of GitHub Actions takes them apart again. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
