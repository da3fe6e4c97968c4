import type { Overview, Suspect } from '../../harness/report/html/html-data.ts';
import type { Report } from '../../harness/report/report.ts';
import { count, element, link, plural, section, table } from './dom.ts';
import { driftSection } from './drift-section.ts';
import { readDetails } from './embedded-data.ts';
import { findingList } from './finding-list.ts';
import { inputsSection } from './inputs-section.ts';
import { matrixTable } from './matrix-table.ts';
import { pinSection } from './pin-section.ts';
import { routeTo } from './routes.ts';
import { timesChart } from './times-chart.ts';

/** The first screen: what was found, where, and on what it rests. */
export function overviewView({ suspects, matrix }: Overview): HTMLElement {
  const view = element('div', { class: 'overview' });
  if (suspects.length > 0)
    view.append(section('causes', 'What to look at first', ...suspects.map(suspectCard)));
  if (matrix.rows.length > 0) view.append(section('matrix', 'Where', matrixTable(matrix)));
  const rest = element('div', { 'aria-busy': true });
  view.append(rest);
  void fill(rest);
  return view;
}

/** What is unpacked a moment later. */
async function fill(rest: HTMLElement): Promise<void> {
  const { report, times, histories } = await readDetails();
  rest.removeAttribute('aria-busy');
  for (const part of [pinSection(report), driftSection(report)]) if (part !== undefined) rest.append(part);
  if (report.findings.length > 0) {
    rest.append(
      section(
        'findings',
        `Everything that was found: ${count(report.findings.length)}`,
        findingList(report, histories),
      ),
    );
  }
  rest.append(comparedSection(report), inputsSection(report));
  if (times.length > 0) rest.append(section('times', 'When it ran', timesChart(report, times)));
}

function suspectCard(suspect: Suspect): HTMLElement {
  const { code, record, count: number, first, check, message, page, notes } = suspect;
  const target = page?.hasHistory === true ? routeTo('page', first) : routeTo('finding', first);
  const title = record === null ? words(code) : `Wrong after ${record}`;
  const card = element(
    'article',
    { class: 'suspect' },
    element('h3', {}, link(target, title)),
    element(
      'p',
      { class: 'where' },
      element('span', { class: 'count' }, plural(number, 'finding')),
      ` ${check}`,
    ),
  );
  const noted = element('ul', { class: 'notes' }, ...notes.map((note) => element('li', {}, note)));
  if (page === null) {
    card.append(element('p', { class: 'message' }, message), ...(notes.length === 0 ? [] : [noted]));
    return card;
  }
  card.append(
    element(
      'dl',
      { class: 'pairs' },
      ...pair('page', page.name),
      ...(page.record === null ? [] : pair('first wrong after', page.record)),
      ...(page.field === '' ? [] : pair('field', `${page.field}, byte ${String(page.offset)}`)),
      ...(page.field === '' ? [] : pair('expected', page.expected, 'code')),
      ...(page.field === '' ? [] : pair('found', page.actual, 'code')),
    ),
    notes.length === 0 ? '' : noted,
    element(
      'p',
      {},
      link(target, page.hasHistory ? 'Step through the page' : 'Open the finding', { class: 'button' }),
    ),
  );
  return card;
}

function pair(name: string, value: string, kind = ''): readonly HTMLElement[] {
  return [element('dt', {}, name), element('dd', { class: kind }, value)];
}

/** `page-records-missing` as words. */
function words(code: string): string {
  const text = code.replaceAll('-', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const oracles: Readonly<Record<string, string>> = {
  recovery: "PostgreSQL's own recovery",
  model: 'the model of the pageserver',
  image: 'images in the WAL',
  consistency: 'the page after each record',
  hosts: 'other hosts',
  baseline: 'the baseline',
};

function comparedSection({ compared, counts, pagesNotJudged }: Report): HTMLElement {
  const rows = Object.entries(compared)
    .filter(([, { pages }]) => pages > 0)
    .map(([oracle, { pages, records, bytes, masked, checksummed, differences, named }]) => [
      oracles[oracle] ?? oracle,
      count(pages),
      count(records),
      count(bytes),
      count(masked + checksummed + Object.values(named).reduce((sum, each) => sum + each, 0)),
      count(differences),
    ]);
  const open = Object.entries(pagesNotJudged).map(([fork, pages]) => `${count(pages)} ${fork}`);
  return section(
    'compared',
    'What was compared',
    element(
      'p',
      {},
      `${plural(counts.planned, 'check')} planned, ${count(counts.run)} run, ${count(counts.passed)} passed, ${count(counts.failed)} failed, ${count(counts.notJudged)} not judged.`,
    ),
    rows.length === 0
      ? undefined
      : table(
          'Pages compared, by what they were held against',
          ['compared with', 'pages', 'records', 'bytes', 'excused', 'differences'],
          rows,
        ),
    open.length === 0
      ? undefined
      : element(
          'p',
          { class: 'faint' },
          `No oracle judges ${open.join(' and ')} pages: they are compared between hosts only.`,
        ),
  );
}
