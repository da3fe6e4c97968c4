import type { Report, ReportCell } from '../report.ts';
import type { CellMark, Matrix, MatrixColumn } from './html-data.ts';

const marks: Readonly<Record<ReportCell['verdict'], CellMark>> = {
  compatible: 'p',
  incompatible: 'f',
  'not judged': 'n',
};

/** Lays the cells of a report out: hosts (and whatever else tells cells apart) downwards, majors and suites across. */
export function matrixOf({ cells, findings }: Report): Matrix {
  const rows = new Map<string, number>();
  const columns = new Map<string, MatrixColumn>();
  for (const cell of cells) {
    const row = rowOf(cell);
    if (!rows.has(row)) rows.set(row, rows.size);
    columns.set(columnKey(cell), { major: cell.major, suite: cell.suite });
  }
  const suiteOrder = [...new Set(cells.map(({ suite }) => suite))];
  const ordered = [...columns].toSorted(
    ([, left], [, right]) =>
      left.major - right.major || order(suiteOrder, left.suite) - order(suiteOrder, right.suite),
  );
  const places = new Map(ordered.map(([key], place) => [key, place]));
  const numbers = Array.from<number>({ length: rows.size * ordered.length }).fill(-1);
  const letters = Array.from<string>({ length: numbers.length }).fill(' ');
  for (const [number, cell] of cells.entries()) {
    const at = (rows.get(rowOf(cell)) ?? 0) * ordered.length + (places.get(columnKey(cell)) ?? 0);
    numbers[at] = number;
    letters[at] = marks[cell.verdict];
  }
  return {
    rows: [...rows.keys()],
    columns: ordered.map(([, column]) => column),
    marks: letters.join(''),
    cells: numbers,
    findings: findingsByCell(cells, findings),
  };
}

/** What stands left of the cell in its row: its id without the major and the suite, which the column says. */
function rowOf({ id, major, suite }: ReportCell): string {
  return id
    .split('/')
    .filter((part) => part !== `pg${String(major)}` && part !== suite)
    .join('/');
}

function columnKey({ major, suite }: ReportCell): string {
  return `${String(major)} ${suite}`;
}

function order(all: readonly string[], one: string): number {
  return all.indexOf(one);
}

function findingsByCell(
  cells: readonly ReportCell[],
  findings: Report['findings'],
): Readonly<Record<number, number>> {
  const cellOf = new Map(
    cells.flatMap(({ checks }, number) => checks.map(({ id }) => [id, number] as const)),
  );
  const counts: Record<number, number> = {};
  for (const { check } of findings) {
    const cell = cellOf.get(check);
    if (cell !== undefined) counts[cell] = (counts[cell] ?? 0) + 1;
  }
  return counts;
}
