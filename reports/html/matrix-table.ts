import type { CellMark, Matrix } from '../../harness/report/html/html-data.ts';
import { count, element, plural } from './dom.ts';
import { heatClass, matrixLegend } from './matrix-legend.ts';
import { routeTo } from './routes.ts';

const signs: Readonly<Record<CellMark, string>> = { p: '✓', f: '✗', n: '?', ' ': '' };
const words: Readonly<Record<CellMark, string>> = {
  p: 'compatible',
  f: 'incompatible',
  n: 'not judged',
  ' ': 'not in this run',
};
const classes: Readonly<Record<CellMark, string>> = { p: 'passed', f: 'failed', n: 'open', ' ': 'none' };

/** Rows that are laid out together: what is out of sight costs nothing. */
const rowsOfGroup = 40;
/** Of more rows than this the first are shown in which something is wrong. */
const manyRows = 60;
/** More columns than this are narrow, with their names written upwards. */
const manyColumns = 12;

/** The heat map: a table of links, in which arrow keys move. */
export function matrixTable(matrix: Matrix): HTMLElement {
  const { rows, columns, marks } = matrix;
  const isBad = (row: number): boolean =>
    /[fn]/.test(marks.slice(row * columns.length, (row + 1) * columns.length));
  const all = rows.map((_, row) => row);
  const bad = all.filter(isBad);
  const grid = element(
    'table',
    {
      class: columns.length > manyColumns ? 'matrix narrow' : 'matrix',
      'aria-label': 'Verdicts of all cells',
    },
    heading(matrix),
  );
  const show = (shown: readonly number[]): void => {
    for (const body of grid.querySelectorAll('tbody')) body.remove();
    for (let start = 0; start < shown.length; start += rowsOfGroup)
      grid.append(
        element('tbody', {}, ...shown.slice(start, start + rowsOfGroup).map((row) => bodyRow(matrix, row))),
      );
    grid.querySelector('a')?.setAttribute('tabindex', '0');
  };
  const telling = bad.length === 0 ? all : bad;
  const first = rows.length > manyRows ? telling.slice(0, manyRows) : all;
  show(first);
  grid.addEventListener('keydown', moveByArrow);
  const scroll = element(
    'div',
    {},
    element('p', { class: 'faint' }, summary(matrix)),
    element('div', { class: 'scroll' }, grid),
    matrixLegend(matrix),
  );
  if (first.length === rows.length) return scroll;
  const button = element('button', { type: 'button' }, `Show all ${count(rows.length)} rows`);
  button.addEventListener('click', () => {
    show(all);
    button.remove();
  });
  return element(
    'div',
    {},
    element(
      'p',
      {},
      `${count(bad.length)} of ${count(rows.length)} rows have something wrong or open${first.length < telling.length ? `; ${count(first.length)} are shown` : ''}. `,
      button,
    ),
    scroll,
  );
}

function summary({ marks }: Matrix): string {
  const number = (mark: CellMark): number => marks.split(mark).length - 1;
  return `${plural(number('p'), 'cell')} compatible, ${count(number('f'))} incompatible, ${count(number('n'))} not judged. Each cell opens; a number is how much was found in it.`;
}

function heading({ columns }: Matrix): HTMLElement {
  const servers = Map.groupBy(columns, ({ server }) => server);
  return element(
    'thead',
    {},
    element(
      'tr',
      {},
      element('th', { rowspan: 2, scope: 'col' }, 'host'),
      ...[...servers].map(([server, own]) =>
        element('th', { scope: 'colgroup', colspan: own.length, class: 'major' }, server),
      ),
    ),
    element(
      'tr',
      {},
      ...columns.map(({ suite }, index) =>
        element(
          'th',
          { scope: 'col', class: isFirst(columns, index) ? 'suite first' : 'suite' },
          element('span', {}, suite),
        ),
      ),
    ),
  );
}

function isFirst(columns: Matrix['columns'], index: number): boolean {
  return columns[index]?.server !== columns[index - 1]?.server;
}

function bodyRow({ rows, columns, marks, cells, findings, failed }: Matrix, row: number): HTMLElement {
  const name = rows[row] ?? '';
  const tr = element('tr', {}, element('th', { scope: 'row', title: name }, name));
  for (const [index, { server, suite }] of columns.entries()) {
    const at = row * columns.length + index;
    const mark = (marks[at] ?? ' ') as CellMark;
    const cell = cells[at] ?? -1;
    const found = findings[cell] ?? 0;
    const wrong = failed[cell];
    const td = element('td', {
      class: [
        wrong === undefined || mark !== 'f' ? classes[mark] : heatClass(wrong),
        ...(isFirst(columns, index) ? ['first'] : []),
      ].join(' '),
    });
    if (cell >= 0) {
      const label = [
        `${name}, ${server}, ${suite}: ${words[mark]}`,
        ...(wrong === undefined ? [] : [`${count(wrong[0])} of ${count(wrong[1])} checks failed`]),
        ...(found === 0 ? [] : [`${count(found)} found`]),
      ].join(', ');
      td.append(
        element(
          'a',
          { href: routeTo('cell', cell), tabindex: -1, 'aria-label': label, title: label },
          found === 0 ? signs[mark] : shortCount(found),
        ),
      );
    }
    tr.append(td);
  }
  return tr;
}

/** As much as a cell has room for. */
function shortCount(found: number): string {
  return found < 1000 ? String(found) : `${String(Math.floor(found / 1000))}k`;
}

const steps: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

function moveByArrow(event: KeyboardEvent): void {
  const step = steps[event.key];
  const from = event.target instanceof HTMLAnchorElement ? event.target : undefined;
  const cell = from?.closest('td');
  const row = from?.closest('tr');
  if (step === undefined || from === undefined || !cell || !row) return;
  const allRows = [...(row.closest('table')?.querySelectorAll('tbody tr') ?? [])];
  const nextRow = allRows[allRows.indexOf(row) + step[0]];
  const next = nextRow?.children[cell.cellIndex + step[1]]?.querySelector('a');
  if (!next) return;
  event.preventDefault();
  from.setAttribute('tabindex', '-1');
  next.setAttribute('tabindex', '0');
  next.focus();
}
