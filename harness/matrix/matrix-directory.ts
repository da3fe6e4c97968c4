import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { z } from 'zod';

import { RedoubtError } from '../error.ts';
import { lockPath } from '../host/cache.ts';
import { acquireLock } from '../host/lock.ts';
import { firstFault } from '../report/first-fault.ts';
import { readEvents } from '../report/read-events.ts';
import { writeWhole } from '../report/write-whole.ts';
import { suiteNames } from '../verdict/cell.ts';
import type { TimedEvent } from '../verdict/event.ts';
import type { MatrixAxes } from './matrix-plan.ts';
import type { Shard } from './shard.ts';
import { makeFolder } from '../host/make-folder.ts';

/** Version of plan.json; a reader refuses a newer one. */
const planSchemaVersion = 1;

const name = z.string().min(1);

/* Keys stand in the order in which they are written: the digest is over that. */
const axesSchema = z.strictObject({
  redoubtVersion: z.string(),
  bundles: z.array(z.strictObject({ name, digest: z.string(), majors: z.array(z.int()) })),
  images: z.array(z.strictObject({ name, major: z.int(), key: z.string() })),
  workloads: z.array(z.strictObject({ name, digest: z.string() })),
  hosts: z.array(name),
  firstHost: z.string(),
  suites: z.array(z.enum(suiteNames)),
  engine: z.string(),
  initdbMatrix: z.string(),
  kernelFloor: z.boolean(),
  answerTimeoutMs: z.number(),
  locales: z.array(name).nullable(),
  tapes: z.array(z.strictObject({ label: name, major: z.int(), digest: z.string() })),
  baseline: z.string().nullable(),
  policy: z.string().nullable(),
  pin: z.string().nullable(),
}) satisfies z.ZodType<MatrixAxes>;

const storedPlanSchema = z.strictObject({
  schemaVersion: z.literal(planSchemaVersion),
  digest: z.string(),
  shard: z.strictObject({ index: z.int().min(1), count: z.int().min(1) }).nullable(),
  axes: axesSchema,
}) satisfies z.ZodType<StoredPlan>;

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
      makeFolder(path);
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
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw invalid(path, `it cannot be read: ${String(cause)}`, cause);
  }
  const version = z.object({ schemaVersion: z.int().min(1) }).safeParse(value);
  if (!version.success) throw invalid(path, 'it has no schemaVersion');
  if (version.data.schemaVersion > planSchemaVersion) {
    throw new RedoubtError(
      'infrastructure',
      'plan-newer',
      `${path} has schema version ${String(version.data.schemaVersion)}, this Redoubt reads up to ${String(planSchemaVersion)}`,
      { remedy: 'Use the Redoubt that wrote it, or a newer one.' },
    );
  }
  const plan = storedPlanSchema.safeParse(value);
  if (!plan.success) throw invalid(path, firstFault(plan.error));
  const { digest, axes } = plan.data;
  if (createHash('sha256').update(JSON.stringify(axes)).digest('hex') !== digest)
    throw invalid(path, 'its digest is not that of its axes: it was changed by hand, or cut off');
  return plan.data;
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
