import type { Report, ReportCell } from '../report.ts';
import type { CellMark, Matrix, MatrixColumn } from './html-data.ts';

const marks: Readonly<Record<ReportCell['verdict'], CellMark>> = {
  compatible: 'p',
  incompatible: 'f',
  'not judged': 'n',
};

/**
 * Lays the cells of a report out: bundles and hosts downwards; majors with their compute images, and suites with their
 * workloads, across.
 */
export function matrixOf({ cells, findings }: Report): Matrix {
  const rows = [...new Set(cells.map(rowOf))];
  const columns = columnsOf(cells);
  const rowPlaces = placesOf(rows);
  const columnPlaces = placesOf(columns.map(columnKey));
  const numbers = Array.from<number>({ length: rows.length * columns.length }).fill(-1);
  const letters = Array.from<string>({ length: numbers.length }).fill(' ');
  for (const [number, cell] of cells.entries()) {
    const row = rowPlaces.get(rowOf(cell)) ?? 0;
    const at = row * columns.length + (columnPlaces.get(columnKey(columnOf(cell))) ?? 0);
    numbers[at] = number;
    letters[at] = marks[cell.verdict];
  }
  return {
    rows,
    columns,
    marks: letters.join(''),
    cells: numbers,
    findings: findingsByCell(cells, findings),
    failed: failedByCell(cells),
  };
}

function rowOf({ host, bundle }: ReportCell): string {
  return bundle === undefined ? host : `${bundle} on ${host}`;
}

function columnOf({ major, compute, suite, workload }: ReportCell): MatrixColumn {
  return {
    server: `PostgreSQL ${String(major)}${compute === undefined ? '' : `, ${compute}`}`,
    suite: workload === undefined ? suite : `${suite} ${workload}`,
  };
}

/** Server by server, and under each its suites, in the order of the run; majors ascend. */
function columnsOf(cells: readonly ReportCell[]): readonly MatrixColumn[] {
  const byMajor = cells.toSorted((left, right) => left.major - right.major).map(columnOf);
  const unique = [...new Map(byMajor.map((column) => [columnKey(column), column])).values()];
  const servers = placesOf([...new Set(unique.map(({ server }) => server))]);
  const suites = placesOf([...new Set(cells.map((cell) => columnOf(cell).suite))]);
  return unique.toSorted(
    (left, right) =>
      placeOf(servers, left.server) - placeOf(servers, right.server) ||
      placeOf(suites, left.suite) - placeOf(suites, right.suite),
  );
}

function columnKey({ server, suite }: MatrixColumn): string {
  return `${server} ${suite}`;
}

function placesOf(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, place) => [name, place]));
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

function failedByCell(cells: readonly ReportCell[]): Matrix['failed'] {
  return Object.fromEntries(
    cells.flatMap(({ checks }, number) => {
      const failed = checks.filter(({ outcome }) => outcome === 'failed').length;
      return failed === 0 ? [] : [[number, [failed, checks.length]]];
    }),
  );
}

function placeOf(places: ReadonlyMap<string, number>, name: string): number {
  return places.get(name) ?? 0;
}
