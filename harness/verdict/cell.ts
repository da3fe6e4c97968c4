/** The suites of the gate in the order in which they run: cheap before dear, cause before consequence. */
export const suiteNames = ['contract', 'initdb', 'walredo', 'collation', 'readback'] as const;

export type SuiteName = (typeof suiteNames)[number];

/**
 * Which of its bundles, compute images and workloads a cell is about; each is named only in a run that has several, and
 * is a name of that run's (`MatrixOptions`).
 */
export interface CellVariant {
  readonly bundle?: string;
  readonly compute?: string;
  readonly workload?: string;
}

/** One combination that gets a verdict of its own. */
export interface Cell extends CellVariant {
  /** `pg17/debian:12/walredo`, or with a variant `new.pg17@npm:17.10/debian:12/walredo+mine`: stable, and unique in a run. */
  readonly id: string;
  readonly major: number;
  readonly host: string;
  readonly suite: SuiteName;
}

/** One promise of a suite for one cell: one Japa test. */
export interface Check {
  /** The cell's id and the promise's: `pg17/debian:12/walredo/recovery`. */
  readonly id: string;
  readonly cell: string;
  /** What is promised, one sentence. */
  readonly promise: string;
}

/** All cells of a run, or of one variant of it, suite by suite, major by major, host by host. */
export function planCells(
  suites: readonly SuiteName[],
  majors: readonly number[],
  hosts: readonly string[],
  variantOf: (major: number, suite: SuiteName) => CellVariant = () => ({}),
): readonly Cell[] {
  return suites.flatMap((suite) =>
    majors.flatMap((major) =>
      hosts.map((host) => {
        const variant = variantOf(major, suite);
        return { id: cellId({ major, host, suite, ...variant }), major, host, suite, ...variant };
      }),
    ),
  );
}

/** Always three words with "/" between them: what is examined, where, by which suite. */
function cellId({ bundle, major, compute, host, suite, workload }: Omit<Cell, 'id'>): string {
  const before = bundle === undefined ? '' : `${bundle}.`;
  const image = compute === undefined ? '' : `@${compute}`;
  const behind = workload === undefined ? '' : `+${workload}`;
  return `${before}pg${String(major)}${image}/${host}/${suite}${behind}`;
}
