import type { ReportCheck } from '../../harness/report/report.ts';
import { count, element, link, plural } from './dom.ts';
import { readDetails } from './embedded-data.ts';
import { routeTo } from './routes.ts';

type Findings = readonly (readonly [number, { readonly check: string; readonly message: string }])[];

const signs: Readonly<Record<string, string>> = { passed: '✓', failed: '✗', accepted: '~' };

/** A cell: what was planned for it, run, compared and found. */
export async function cellView(number: number): Promise<HTMLElement> {
  const { report, times } = await readDetails();
  const cell = report.cells[number];
  if (cell === undefined) return element('p', { class: 'notice' }, 'There is no such cell in this report.');
  const run = cell.checks.filter(({ outcome }) => outcome !== 'not judged').length;
  const found = [...report.findings.entries()];
  const durations = new Map(times.map(({ check, durationMs }) => [check, durationMs]));
  return element(
    'div',
    { class: 'cell' },
    backLink(),
    element('h2', {}, cell.id),
    element(
      'p',
      { class: `outcome ${cell.verdict.replace(' ', '-')}` },
      `${cell.verdict}: ${plural(cell.checks.length, 'check')} planned, ${count(run)} run; ${plural(cell.pages, 'page')} and ${plural(cell.records, 'record')} held against recovery, ${plural(cell.differences, 'difference')}.`,
    ),
    ...cell.checks.map((check) =>
      checkPart(
        check,
        found.filter(([, finding]) => finding.check === check.id),
        durations.get(check.id),
      ),
    ),
  );
}

function checkPart(check: ReportCheck, findings: Findings, durationMs: number | undefined): HTMLElement {
  const { id, promise, outcome, reason, compared, notes } = check;
  const facts = compared.map(
    ({ oracle, pages, records, differences }) =>
      `${oracle}: ${plural(pages, 'page')}, ${plural(records, 'record')}, ${plural(differences, 'difference')}`,
  );
  return element(
    'article',
    { class: `check ${outcome.replace(' ', '-')}` },
    element(
      'h3',
      {},
      element('span', { class: 'mark', 'aria-hidden': 'true' }, signs[outcome] ?? '?'),
      ` ${id.split('/').at(-1) ?? id}`,
      element(
        'span',
        { class: 'faint' },
        ` ${outcome}${durationMs === undefined ? '' : `, ${(durationMs / 1000).toFixed(1)} s`}`,
      ),
    ),
    element('p', { class: 'promise' }, promise),
    facts.length === 0 ? undefined : element('p', { class: 'faint' }, facts.join('; ')),
    outcome === 'not judged' ? element('p', { class: 'message' }, `Not judged: ${reason ?? ''}`) : undefined,
    findings.length === 0
      ? undefined
      : element(
          'ol',
          { class: 'findings' },
          ...findings.map(([number, { message }]) =>
            element('li', {}, element('p', { class: 'message' }, link(routeTo('finding', number), message))),
          ),
        ),
    notes.length === 0
      ? undefined
      : element('ul', { class: 'notes' }, ...notes.map((note) => element('li', {}, note))),
  );
}

/** Where every view but the first leads back to. */
export function backLink(): HTMLElement {
  return element('nav', { class: 'back', 'aria-label': 'Way back' }, link('#/', '← The whole report'));
}
