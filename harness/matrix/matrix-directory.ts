import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { RedoubtError } from '../error.ts';
import { lockPath } from '../host/cache.ts';
import { acquireLock } from '../host/lock.ts';
import { readEvents } from '../report/read-events.ts';
import { writeWhole } from '../report/write-whole.ts';
import type { TimedEvent } from '../verdict/event.ts';
import type { MatrixAxes } from './matrix-plan.ts';
import type { Shard } from './shard.ts';

/** Version of plan.json; a reader refuses a newer one. */
const planSchemaVersion = 1;

/** plan.json: what a run of a matrix set out to do, so that it can be gone on with and merged with others. */
export interface StoredPlan {
  readonly schemaVersion: typeof planSchemaVersion;
  readonly digest: string;
  readonly shard: Shard | null;
  readonly axes: MatrixAxes;
}

/** What an earlier run left in a folder. */
export interface EarlierRun {
  readonly plan: StoredPlan;
  readonly events: readonly TimedEvent[];
}

const planFile = 'plan.json';
const eventsFile = 'events.ndjson';
const defaultReports = join(import.meta.dirname, '../../reports/out');

/** The folder of a run of a matrix, which nobody else may use meanwhile. */
export class MatrixDirectory implements AsyncDisposable {
  readonly path: string;
  /** Undefined in a folder without a plan. */
  readonly earlier: EarlierRun | undefined;
  readonly #lock: AsyncDisposable;

  private constructor(path: string, earlier: EarlierRun | undefined, lock: AsyncDisposable) {
    this.path = path;
    this.earlier = earlier;
    this.#lock = lock;
  }

  /**
   * Opens the folder of a new run, or of one that is to be gone on with.
   * @throws RedoubtError `report-directory`: another kind of run left its report there, another run is at work in it (usage),
   *   or it cannot be made (infrastructure); and what reading the plan and the events throws.
   */
  static async open(asked: string | undefined): Promise<MatrixDirectory> {
    const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
    const path = resolve(asked ?? join(defaultReports, `${stamp}-matrix-${String(process.pid)}`));
    try {
      mkdirSync(path, { recursive: true });
    } catch (cause) {
      throw new RedoubtError(
        'infrastructure',
        'report-directory',
        `cannot put a report into ${path}: ${String(cause)}`,
        { remedy: 'Name another folder with --report.', cause },
      );
    }
    const key = createHash('sha256').update(path).digest('hex').slice(0, 16);
    const lock = await acquireLock(lockPath(`reports/${key}`), () => {
      throw refuse(path, 'another run is at work in it');
    });
    try {
      return new MatrixDirectory(path, readEarlier(path), lock);
    } catch (error) {
      await lock[Symbol.asyncDispose]();
      throw error;
    }
  }

  get eventsPath(): string {
    return join(this.path, eventsFile);
  }

  /** Throws `write-failed`. */
  storePlan(plan: Omit<StoredPlan, 'schemaVersion'>): void {
    writePlan(this.path, plan);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lock[Symbol.asyncDispose]();
  }
}

/** Writes plan.json into a folder. Throws `write-failed`. */
export function writePlan(path: string, plan: Omit<StoredPlan, 'schemaVersion'>): void {
  const stored: StoredPlan = { schemaVersion: planSchemaVersion, ...plan };
  writeWhole(join(path, planFile), `${JSON.stringify(stored, null, 2)}\n`);
}

/**
 * What a run of a matrix left in a folder; undefined when there is nothing, or only the events of one that did not come to
 * its plan. Throws `report-directory` (usage), `plan-invalid`, `plan-newer` (infrastructure), and what readEvents throws.
 */
export function readEarlier(path: string): EarlierRun | undefined {
  const planPath = join(path, planFile);
  const eventsPath = join(path, eventsFile);
  const events = existsSync(eventsPath) ? readEvents(eventsPath) : [];
  if (existsSync(planPath)) return { plan: readPlan(planPath), events };
  if (events.some(({ type }) => type === 'planned' || type === 'options'))
    throw refuse(path, 'it already holds that of a run of another kind');
  return undefined;
}

function readPlan(path: string): StoredPlan {
  let plan: StoredPlan;
  try {
    plan = JSON.parse(readFileSync(path, 'utf8')) as StoredPlan;
  } catch (cause) {
    throw invalid(path, `it cannot be read: ${String(cause)}`, cause);
  }
  if (typeof plan !== 'object' || plan === null || typeof plan.schemaVersion !== 'number')
    throw invalid(path, 'it has no schemaVersion');
  if (plan.schemaVersion > planSchemaVersion) {
    throw new RedoubtError(
      'infrastructure',
      'plan-newer',
      `${path} has schema version ${String(plan.schemaVersion)}, this Redoubt reads up to ${String(planSchemaVersion)}`,
      { remedy: 'Use the Redoubt that wrote it, or a newer one.' },
    );
  }
  const { digest, axes } = plan;
  const own = createHash('sha256')
    .update(JSON.stringify(axes ?? null))
    .digest('hex');
  if (own !== digest)
    throw invalid(path, 'its digest is not that of its axes: it was changed by hand, or cut off');
  return plan;
}

function invalid(path: string, fault: string, cause?: unknown): RedoubtError {
  return new RedoubtError('infrastructure', 'plan-invalid', `${path} is no plan of a matrix: ${fault}`, {
    remedy: 'Begin anew in another folder.',
    cause,
  });
}

function refuse(path: string, why: string): RedoubtError {
  return new RedoubtError('usage', 'report-directory', `cannot put a report into ${path}: ${why}`, {
    remedy: 'Name another folder with --report.',
  });
}
