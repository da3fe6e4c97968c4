import { createHash } from 'node:crypto';

import { type Cell, type CellVariant, planCells, type SuiteName } from '../verdict/cell.ts';

/** A bundle of a matrix. */
export interface MatrixBundle {
  readonly name: string;
  readonly digest: string;
  /** Those that are judged. */
  readonly majors: readonly number[];
}

/** A compute image and one major that its servers have. */
export interface MatrixImage {
  readonly name: string;
  readonly major: number;
  /** What it is made of. */
  readonly key: string;
}

/** What is captured on each compute image. */
export interface MatrixWorkload {
  readonly name: string;
  readonly digest: string;
}

/** A tape that was given. */
export interface MatrixTape {
  readonly label: string;
  readonly major: number;
  readonly digest: string;
}

/** All that a matrix combines; the plan is a function of it alone, so that every machine makes the same one. */
export interface MatrixAxes {
  readonly redoubtVersion: string;
  readonly bundles: readonly MatrixBundle[];
  readonly images: readonly MatrixImage[];
  readonly workloads: readonly MatrixWorkload[];
  readonly hosts: readonly string[];
  /** The one against which the others are compared. */
  readonly firstHost: string;
  readonly suites: readonly SuiteName[];
  readonly engine: string;
  readonly initdbMatrix: string;
  readonly kernelFloor: boolean;
  /** Longest time for one page. */
  readonly answerTimeoutMs: number;
  /** In use, as the user says; null: those of the workloads. */
  readonly locales: readonly string[] | null;
  /** Replayed instead of captures; none: pages are captured. */
  readonly tapes: readonly MatrixTape[];
  /** Digests of the bundle whose answers all must equal, of the policy, and of the lock file; null where there is none. */
  readonly baseline: string | null;
  readonly policy: string | null;
  readonly pin: string | null;
}

/** One bundle with one compute image for each major and one workload: what a run of the gate judges. */
export interface MatrixLeg {
  readonly bundle: string;
  /** One a major. */
  readonly images: readonly MatrixImage[];
  readonly workload: string;
  readonly suites: readonly SuiteName[];
  readonly majors: readonly number[];
  readonly cells: readonly Cell[];
}

export interface MatrixPlan {
  readonly axes: MatrixAxes;
  /** SHA-256 over the axes. */
  readonly digest: string;
  readonly legs: readonly MatrixLeg[];
}

/** What these suites find does not depend on the workload (readback has its own): with several they are judged once. */
const withoutWorkload: ReadonlySet<SuiteName> = new Set(['contract', 'initdb', 'collation', 'readback']);

/** Every cell of a matrix, leg by leg: bundle by bundle, compute image by compute image, workload by workload. */
export function planMatrix(axes: MatrixAxes): MatrixPlan {
  const rows = imageRows(axes.images);
  const legs = axes.bundles.flatMap((bundle) =>
    rows.flatMap((row) =>
      axes.workloads.flatMap((workload, number) => {
        const images = row.filter(({ major }) => bundle.majors.includes(major));
        const suites = axes.suites.filter((suite) => number === 0 || !withoutWorkload.has(suite));
        const majors = images.map(({ major }) => major);
        const cells = planCells(suites, majors, axes.hosts, (major, suite): CellVariant => {
          const image = images.find((each) => each.major === major);
          return {
            ...(axes.bundles.length > 1 ? { bundle: bundle.name } : {}),
            ...(rows.length > 1 && image !== undefined ? { compute: image.name } : {}),
            ...(axes.workloads.length > 1 && !withoutWorkload.has(suite) ? { workload: workload.name } : {}),
          };
        });
        return cells.length === 0
          ? []
          : [{ bundle: bundle.name, images, workload: workload.name, suites, majors, cells }];
      }),
    ),
  );
  const digest = createHash('sha256').update(JSON.stringify(axes)).digest('hex');
  return { axes, digest, legs };
}

/** The first image of each major makes the first row, the second of each the second, and so on. */
export function imageRows<T extends { readonly major: number }>(
  images: readonly T[],
): readonly (readonly T[])[] {
  const byMajor = [...Map.groupBy(images, ({ major }) => major)].toSorted(([left], [right]) => left - right);
  const count = Math.max(0, ...byMajor.map(([, own]) => own.length));
  return Array.from({ length: count }, (_, row) =>
    byMajor.flatMap(([, own]) => {
      const image = own[row];
      return image === undefined ? [] : [image];
    }),
  );
}

/** A cell of a plan and the leg to which it belongs. */
export interface PlacedCell {
  readonly cell: Cell;
  readonly leg: MatrixLeg;
}

/** All cells in the order in which they are judged: what shares work, a host or a major of a leg, stands together. */
export function workOrder({ legs, axes: { hosts } }: MatrixPlan): readonly PlacedCell[] {
  const ranks = new Map(hosts.map((host, rank) => [host, rank]));
  return legs.flatMap((leg) =>
    leg.cells
      .map((cell) => ({ cell, leg }))
      .toSorted(
        (left, right) =>
          left.cell.major - right.cell.major ||
          (ranks.get(left.cell.host) ?? 0) - (ranks.get(right.cell.host) ?? 0),
      ),
  );
}
