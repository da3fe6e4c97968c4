import type { CodeMeaning } from '../../harness/report/html/code-meanings.ts';
import type { Report } from '../../harness/report/report.ts';
import { describeTolerance, type Tolerance } from '../../harness/verdict/tolerance.ts';
import { codeText } from './code-text.ts';
import { commandBlock, shellWord } from './command-block.ts';
import { count, element, link } from './dom.ts';
import { driftPart } from './drift-part.ts';
import { readDetails } from './embedded-data.ts';
import { onlyThisCheck } from './only-this-check.ts';
import { pageEvidenceParts } from './page-evidence-part.ts';
import { routeTo, routeToOverview } from './routes.ts';
import { neighbours, wayBack } from './way-back.ts';

/** One finding with all that lets a sceptical reader check it. */
export async function findingView(number: number): Promise<HTMLElement> {
  const { report, histories, meanings } = await readDetails();
  const { findings, cells } = report;
  const finding = findings[number];
  if (finding === undefined)
    return element(
      'div',
      {},
      wayBack(),
      element('p', { class: 'notice' }, 'There is no such finding in this report.'),
    );
  const { code, check, message, page, drift, tolerance, details = {} } = finding;
  const cell = cells.findIndex(({ checks }) => checks.some(({ id }) => id === check));
  const isExplorable = typeof page?.files === 'string' && Object.hasOwn(histories, page.files);
  return element(
    'div',
    { class: 'finding' },
    wayBack(
      neighbours(number, findings.length, { noun: 'finding', to: (other) => routeTo('finding', other) }),
    ),
    element('h2', {}, code),
    element('p', { class: 'where' }, 'found by ', cell < 0 ? check : link(routeTo('cell', cell), check)),
    element('p', { class: 'message lead' }, message),
    tolerance === undefined ? undefined : element('p', { class: 'notice' }, toleranceWords(tolerance)),
    isExplorable
      ? element('p', {}, link(routeTo('page', number), 'Step through the page', { class: 'button' }))
      : undefined,
    meaningPart(meanings[code]),
    drift === undefined ? undefined : driftPart(drift),
    ...(drift === undefined ? Object.entries(details).map(([name, value]) => detail(name, value)) : []),
    ...(page === undefined ? [] : pageEvidenceParts(page)),
    byHand(report, number, isExplorable),
    othersPart(report, number),
  );
}

/** What the code means, and what to do about it. */
function meaningPart(meaning: CodeMeaning | undefined): HTMLElement | undefined {
  if (meaning === undefined) return undefined;
  return element(
    'aside',
    { class: 'meaning', 'aria-label': 'What it means' },
    ...meaning.meaning.map((words) => element('p', {}, ...codeText(words))),
    meaning.advice === null
      ? undefined
      : element('p', {}, element('strong', {}, 'What to do: '), ...codeText(meaning.advice)),
  );
}

/** Why what was found does not fail its check. */
function toleranceWords(tolerance: Tolerance): string {
  const text = describeTolerance(tolerance);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function detail(name: string, value: string | number | readonly string[]): HTMLElement {
  return element(
    'div',
    { class: 'detail' },
    element('h3', {}, name),
    typeof value === 'string' || typeof value === 'number'
      ? element('p', {}, String(value))
      : element('ul', {}, ...value.map((each) => element('li', {}, each))),
  );
}

/** What shows it again: commands for the folder of this report, and for the run as it was. */
function byHand({ findings, inputs }: Report, number: number, isExplorable: boolean): HTMLElement {
  const { check, page } = findings[number] ?? { check: '' };
  const part = element('section', { class: 'by-hand' }, element('h3', {}, 'By hand'));
  const files = page?.files ?? null;
  if (page !== undefined && files === null)
    part.append(element('p', { class: 'faint' }, 'Its pages were not kept.'));
  if (files !== null) {
    // As extract counts them: those with evidence, from 1.
    const place = findings.slice(0, number + 1).filter((each) => typeof each.page?.files === 'string').length;
    part.append(
      commandBlock('In the folder of its evidence, with nothing of Redoubt', [
        `cd ${shellWord(files)}`,
        'postgres --wal-redo < requests | cmp - expected.page',
      ]),
      commandBlock('In the folder of this report', [
        ...(isExplorable ? [`redoubt explain ${shellWord(files)}`] : []),
        `redoubt extract . --finding ${String(place)} --out bug-report`,
      ]),
    );
  }
  const again = onlyThisCheck(check, inputs.options);
  if (again !== undefined) part.append(again);
  return part;
}

/** Where else the same kind was found. */
function othersPart({ findings }: Report, number: number): HTMLElement | undefined {
  const code = findings[number]?.code ?? '';
  const others = findings.filter((each) => each.code === code).length - 1;
  if (others === 0) return undefined;
  return element(
    'p',
    {},
    link(
      routeToOverview({ code }),
      others === 1 ? 'One more finding of this kind' : `${count(others)} more findings of this kind`,
    ),
  );
}
