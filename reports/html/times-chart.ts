import type { CheckTime } from '../../harness/report/html/html-data.ts';
import type { Report } from '../../harness/report/report.ts';
import { count, element, link } from './dom.ts';
import { routeTo } from './routes.ts';

/** Bars of single checks up to so many, of cells beyond; of those the slowest. */
const mostBars = 200;

interface Bar {
  readonly name: string;
  readonly cell: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly workMs: number;
}

/** A waterfall: when each check, or each cell, ran. */
export function timesChart({ cells }: Report, times: readonly CheckTime[]): HTMLElement {
  const cellOf = new Map(cells.flatMap(({ checks }, cell) => checks.map(({ id }) => [id, cell] as const)));
  const single = times.map(({ check, startMs, durationMs }): Bar => ({
    name: check,
    cell: cellOf.get(check) ?? -1,
    startMs,
    endMs: startMs + durationMs,
    workMs: durationMs,
  }));
  const isSingle = single.length <= mostBars;
  const bars = isSingle
    ? single
    : byCell(
        single,
        cells.map(({ id }) => id),
      );
  const shown = bars
    .toSorted((left, right) => right.workMs - left.workMs)
    .slice(0, mostBars)
    .toSorted((left, right) => left.startMs - right.startMs || left.endMs - right.endMs);
  const total = Math.max(1, ...single.map(({ endMs }) => endMs));
  const words = `${count(shown.length)} of ${count(bars.length)} ${isSingle ? 'checks' : 'cells'}${shown.length < bars.length ? ', the slowest' : ''}; ${seconds(total)} in all`;
  return element(
    'details',
    {},
    element('summary', {}, words),
    element(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Waterfall of times' },
      element(
        'table',
        { class: 'times' },
        element('caption', { class: 'hidden' }, 'When each check ran'),
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            ...['check', 'began', 'took', 'when'].map((name) => element('th', { scope: 'col' }, name)),
          ),
        ),
        element('tbody', {}, ...shown.map((bar) => row(bar, total))),
      ),
    ),
  );
}

function byCell(bars: readonly Bar[], ids: readonly string[]): readonly Bar[] {
  return [...Map.groupBy(bars, ({ cell }) => cell)].map(([cell, own]) => ({
    name: ids[cell] ?? 'other',
    cell,
    startMs: own.reduce((least, { startMs }) => Math.min(least, startMs), Infinity),
    endMs: own.reduce((most, { endMs }) => Math.max(most, endMs), 0),
    workMs: own.reduce((sum, { workMs }) => sum + workMs, 0),
  }));
}

function row({ name, cell, startMs, endMs, workMs }: Bar, total: number): HTMLElement {
  const bar = element('div', { class: 'bar' });
  bar.style.marginInlineStart = `${String((startMs / total) * 100)}%`;
  bar.style.inlineSize = `${String(((endMs - startMs) / total) * 100)}%`;
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, cell < 0 ? name : link(routeTo('cell', cell), name)),
    element('td', { class: 'number' }, seconds(startMs)),
    element('td', { class: 'number' }, seconds(workMs)),
    element('td', { class: 'lane' }, bar),
  );
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
