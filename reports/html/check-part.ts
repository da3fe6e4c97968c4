import type { Report, ReportCheck } from '../../harness/report/report.ts';
import { element, link, plural, type Child } from './dom.ts';
import { onlyThisCheck } from './only-this-check.ts';
import { routeTo } from './routes.ts';

/** Findings with their numbers in the report. */
type Findings = readonly (readonly [number, Report['findings'][number]])[];

const signs: Readonly<Record<string, string>> = { passed: '✓', failed: '✗', accepted: '~' };

export interface CheckFacts {
  readonly check: ReportCheck;
  readonly findings: Findings;
  readonly durationMs: number | undefined;
  readonly options: Report['inputs']['options'];
}

/** A check: what it promises and what became of it; one that passed opens when it is asked. */
export function checkPart({ check, findings, durationMs, options }: CheckFacts): HTMLElement {
  const { id, promise, outcome, reason, compared, notes, evidence } = check;
  const facts = compared.map(
    ({ oracle, pages, records, differences }) =>
      `${oracle}: ${plural(pages, 'page')}, ${plural(records, 'record')}, ${plural(differences, 'difference')}`,
  );
  const isDone = outcome === 'passed';
  const heading = element(
    'summary',
    {},
    element('span', { class: 'mark', 'aria-hidden': 'true' }, signs[outcome] ?? '?'),
    element(
      'span',
      { class: 'words' },
      element('strong', {}, id.split('/').at(-1) ?? id),
      ` ${promise}`,
      facts.length === 0 ? undefined : element('span', { class: 'faint' }, ` ${facts.join('; ')}`),
    ),
    element(
      'span',
      { class: 'outcome-words' },
      `${outcome}${durationMs === undefined ? '' : `, ${(durationMs / 1000).toFixed(1)} s`}`,
    ),
  );
  return element(
    'details',
    { class: `check ${outcome.replace(' ', '-')}`, open: !isDone },
    heading,
    outcome === 'not judged'
      ? element('p', { class: 'message' }, `Not judged: ${reason ?? 'no reason given'}`)
      : undefined,
    findings.length === 0 ? undefined : findingsOf(findings),
    notes.length === 0
      ? undefined
      : element('ul', { class: 'notes' }, ...notes.map((note) => element('li', {}, note))),
    evidence === undefined
      ? undefined
      : element('p', { class: 'faint' }, 'Kept in ', element('code', {}, evidence)),
    onlyThisCheck(id, options),
  );
}

function findingsOf(findings: Findings): Child {
  return element(
    'ol',
    { class: 'findings' },
    ...findings.map(([number, { message, tolerance }]) =>
      element(
        'li',
        {},
        element(
          'p',
          { class: 'message' },
          link(routeTo('finding', number), message),
          tolerance === undefined ? undefined : element('span', { class: 'chip open' }, tolerance.kind),
        ),
      ),
    ),
  );
}
