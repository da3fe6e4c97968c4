import type { CheckTime } from '../../harness/report/html/html-data.ts';
import type { Report } from '../../harness/report/report.ts';
import { count, element, link } from './dom.ts';
import { routeTo } from './routes.ts';
import { timeScale, type TimeScale } from './time-scale.ts';

/** Bars of single checks up to so many, of cells beyond; of those the slowest. */
const mostBars = 200;
/** More than these are folded. */
const barsAtOnce = 40;

interface Bar {
  readonly name: string;
  readonly cell: number;
  /** As the outcome of a check or the verdict of a cell is called in the style. */
  readonly kind: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly workMs: number;
}

const kinds: Readonly<Record<string, string>> = {
  failed: 'failed',
  incompatible: 'failed',
  accepted: 'open',
  'not judged': 'open',
};

/** A waterfall: when each check, or each cell, ran. */
export function timesChart({ cells }: Report, times: readonly CheckTime[]): HTMLElement {
  const single = checkBars(cells, times);
  const isSingle = single.length <= mostBars;
  const bars = isSingle ? single : cellBars(cells, single);
  const shown = bars
    .toSorted((left, right) => right.workMs - left.workMs)
    .slice(0, mostBars)
    .toSorted((left, right) => left.startMs - right.startMs || left.endMs - right.endMs);
  const scale = timeScale(single.reduce((most, { endMs }) => Math.max(most, endMs), 1));
  const words = `${count(shown.length)} of ${count(bars.length)} ${isSingle ? 'checks' : 'cells'}${shown.length < bars.length ? ', the slowest' : ''}; ${seconds(scale.totalMs)} in all`;
  return element(
    'details',
    { open: shown.length <= barsAtOnce },
    element('summary', {}, words),
    element(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Waterfall of times' },
      element(
        'table',
        { class: 'times' },
        element('caption', { class: 'hidden' }, 'When each check ran'),
        heading(scale),
        element('tbody', {}, ...shown.map((bar) => row(bar, scale))),
      ),
    ),
  );
}

function checkBars(cells: Report['cells'], times: readonly CheckTime[]): readonly Bar[] {
  const placeOf = new Map(
    cells.flatMap(({ checks }, cell) => checks.map(({ id, outcome }) => [id, { cell, outcome }] as const)),
  );
  return times.map(({ check, startMs, durationMs }): Bar => {
    const { cell = -1, outcome = '' } = placeOf.get(check) ?? {};
    return {
      name: check,
      cell,
      kind: kinds[outcome] ?? 'passed',
      startMs,
      endMs: startMs + durationMs,
      workMs: durationMs,
    };
  });
}

function cellBars(cells: Report['cells'], bars: readonly Bar[]): readonly Bar[] {
  return [...Map.groupBy(bars, ({ cell }) => cell)].map(([cell, own]): Bar => ({
    name: cells[cell]?.id ?? 'other',
    cell,
    kind: kinds[cells[cell]?.verdict ?? ''] ?? 'passed',
    startMs: own.reduce((least, { startMs }) => Math.min(least, startMs), Infinity),
    endMs: own.reduce((most, { endMs }) => Math.max(most, endMs), 0),
    workMs: own.reduce((sum, { workMs }) => sum + workMs, 0),
  }));
}

function heading({ ticksMs, share }: TimeScale): HTMLElement {
  const axis = element('div', { class: 'axis' });
  for (const tickMs of ticksMs) {
    const tick = element('span', {}, `${String(tickMs / 1000)} s`);
    tick.style.insetInlineStart = share(tickMs);
    axis.append(tick);
  }
  return element(
    'thead',
    {},
    element(
      'tr',
      {},
      element('th', { scope: 'col' }, 'check'),
      element('th', { scope: 'col', class: 'number' }, 'took'),
      element('th', { scope: 'col', class: 'lane' }, element('span', { class: 'hidden' }, 'when'), axis),
    ),
  );
}

function row({ name, cell, kind, startMs, endMs, workMs }: Bar, { ticksMs, share }: TimeScale): HTMLElement {
  const when = `from ${seconds(startMs)} to ${seconds(endMs)}`;
  const lane = element('td', { class: 'lane' });
  for (const tickMs of ticksMs) {
    const line = element('span', { class: 'tick' });
    line.style.insetInlineStart = share(tickMs);
    lane.append(line);
  }
  const bar = element('div', { class: `bar ${kind}`, title: when });
  bar.style.marginInlineStart = share(startMs);
  bar.style.inlineSize = share(endMs - startMs);
  lane.append(bar, element('span', { class: 'hidden' }, when));
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, cell < 0 ? name : link(routeTo('cell', cell), name)),
    element('td', { class: 'number' }, seconds(workMs)),
    lane,
  );
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
