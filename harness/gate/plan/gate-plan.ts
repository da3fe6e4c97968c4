import type { LocaleInUse } from '../../collation/locale-in-use.ts';
import { RedoubtError } from '../../error.ts';
import { planCells, type Cell, type Check, type SuiteName } from '../../verdict/cell.ts';
import type { MinorSkew } from '../../verdict/minor-skew.ts';
import type { CheckFilter } from './check-filter.ts';

/** All that decides which promises a run examines. */
export interface GateShape {
  readonly suites: readonly SuiteName[];
  readonly majors: readonly number[];
  readonly hosts: readonly string[];
  /** The one against which the others are compared; absent: the first of them. */
  readonly firstHost?: string;
  readonly layout: 'chroot' | 'pg-install' | 'static';
  readonly hasBaseline: boolean;
  /** Whether the candidate is held against a lock file. */
  readonly hasPin?: boolean;
  /** Whether initdb is run under the RFC's oldest kernel, too; walredo always is. */
  readonly kernelFloor: boolean;
  /** Labels of the tapes of a major. */
  readonly tapeLabels: (major: number) => readonly string[];
  /** Whether a tape says what its pages must be; a recording does not. */
  readonly hasOracle: (label: string) => boolean;
  /** Whether each host tries a sample of initdb's options, or all. */
  readonly initdbMatrix: 'sample' | 'full';
  /** In use, as the user says; absent: those of the workloads. */
  readonly locales?: readonly LocaleInUse[] | undefined;
  /** Where the candidate and the tapes are of different minors. */
  readonly skews: readonly MinorSkew[];
  /** Which checks are wanted; all where absent. */
  readonly only?: CheckFilter;
}

/** What a run of the gate sets out to examine. */
export class GatePlan {
  readonly shape: GateShape;
  readonly cells: readonly Cell[];
  readonly #checks = new Map<string, Check>();
  #leftOut = 0;

  /** `cells` are those of the shape that are wanted; all of them unless a run has a part, or several variants. */
  constructor(shape: GateShape, cells = planCells(shape.suites, shape.majors, shape.hosts)) {
    this.shape = shape;
    this.cells = cells;
  }

  /** The host against which the others are compared. */
  get firstHost(): string {
    return this.shape.firstHost ?? this.shape.hosts[0] ?? '';
  }

  /** The skew between the candidate and a tape; undefined when both are of one minor. */
  skewOf(major: number, label: string): MinorSkew | undefined {
    return this.shape.skews.find((skew) => skew.major === major && skew.tapes.includes(label));
  }

  /** The checks promised so far, in order. */
  get checks(): readonly Check[] {
    return [...this.#checks.values()];
  }

  /** How many checks are not wanted. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** The cells of which a check is wanted; all where all checks are. */
  get plannedCells(): readonly Cell[] {
    if (this.shape.only === undefined) return this.cells;
    const wanted = new Set(this.checks.map(({ cell }) => cell));
    return this.cells.filter(({ id }) => wanted.has(id));
  }

  /** Adds a check, and says whether it is wanted. Throws RedoubtError `duplicate-check` when its id is taken. */
  promise(check: Check): boolean {
    if (this.shape.only?.wants(check) === false) {
      this.#leftOut++;
      return false;
    }
    if (this.#checks.has(check.id))
      throw new RedoubtError('infrastructure', 'duplicate-check', `two promises have the id ${check.id}`);
    this.#checks.set(check.id, check);
    return true;
  }
}
