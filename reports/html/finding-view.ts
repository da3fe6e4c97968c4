import type { CodeMeaning } from '../../harness/report/html/code-meanings.ts';
import type { PageEvidence } from '../../harness/verdict/finding.ts';
import { describeTolerance, type Tolerance } from '../../harness/verdict/tolerance.ts';
import { backLink } from './cell-view.ts';
import { codeText } from './code-text.ts';
import { element, link, table } from './dom.ts';
import { driftPart } from './drift-part.ts';
import { readDetails } from './embedded-data.ts';
import { routeTo } from './routes.ts';

/** One finding with all that lets a sceptical reader check it. */
export async function findingView(number: number): Promise<HTMLElement> {
  const { report, histories, meanings } = await readDetails();
  const finding = report.findings[number];
  if (finding === undefined)
    return element('p', { class: 'notice' }, 'There is no such finding in this report.');
  const { code, check, message, page, drift, tolerance, details = {} } = finding;
  const cell = report.cells.findIndex(({ checks }) => checks.some(({ id }) => id === check));
  const isExplorable = typeof page?.files === 'string' && Object.hasOwn(histories, page.files);
  return element(
    'div',
    { class: 'finding' },
    backLink(),
    element('h2', {}, code),
    element('p', { class: 'where' }, cell < 0 ? check : link(routeTo('cell', cell), check)),
    element('p', { class: 'message lead' }, message),
    isExplorable
      ? element('p', {}, link(routeTo('page', number), 'Step through the page', { class: 'button' }))
      : undefined,
    meaningPart(meanings[code]),
    tolerance === undefined ? undefined : element('p', { class: 'notice' }, toleranceWords(tolerance)),
    drift === undefined ? undefined : driftPart(drift),
    ...(drift === undefined ? Object.entries(details).map(([name, value]) => detail(name, value)) : []),
    ...(page === undefined ? [] : pageParts(page, isExplorable)),
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
    {},
    element('h3', {}, name),
    typeof value === 'string' || typeof value === 'number'
      ? element('p', {}, String(value))
      : element('ul', {}, ...value.map((each) => element('li', {}, each))),
  );
}

function pageParts(page: PageEvidence, isExplorable: boolean): readonly HTMLElement[] {
  const { records, recordCount, files, parting } = page;
  return [
    table(
      `Fields that differ: ${String(page.bytesDiffering)} bytes of a ${page.kind} page, ${page.differenceClass}`,
      ['byte', 'field', 'expected', 'found'],
      page.fields.map(({ offset, field, expected, actual }) => [
        String(offset),
        field,
        element('code', {}, expected),
        element('code', {}, actual),
      ]),
    ),
    table(
      recordCount === records.length
        ? 'Records that touched the page'
        : `Records that touched the page: the first and the last of ${String(recordCount)}`,
      ['ends at', 'record'],
      records.map(({ endLsn, rmgr, kind }) => [
        element('code', {}, endLsn),
        `${rmgr} ${kind}${endLsn === parting?.endLsn ? ' — wrong from here on' : ''}`,
      ]),
    ),
    files === null
      ? element('p', {}, 'Its pages were not kept.')
      : element(
          'div',
          {},
          element('h3', {}, 'By hand'),
          element(
            'pre',
            { tabindex: 0 },
            `cd ${files}\npostgres --wal-redo < requests | cmp - expected.page${isExplorable ? '\nredoubt explain .' : ''}`,
          ),
          element(
            'p',
            { class: 'faint' },
            `Tape ${page.tape.slice(0, 16)}, request ${String(page.request)}, ${page.page}.`,
          ),
        ),
  ];
}
