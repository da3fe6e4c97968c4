/** The suites of the gate in the order in which they run: cheap before dear, cause before consequence. */
export const suiteNames = ['contract', 'initdb', 'walredo', 'collation', 'readback'] as const;

export type SuiteName = (typeof suiteNames)[number];

/** One combination that gets a verdict of its own; the bundle and compute image are the run's. */
export interface Cell {
  /** `pg17/debian:12/walredo`: stable, and unique in a run. */
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

/** All cells of a run, suite by suite, major by major, host by host. */
export function planCells(
  suites: readonly SuiteName[],
  majors: readonly number[],
  hosts: readonly string[],
): readonly Cell[] {
  return suites.flatMap((suite) =>
    majors.flatMap((major) =>
      hosts.map((host) => ({ id: `pg${String(major)}/${host}/${suite}`, major, host, suite })),
    ),
  );
}
