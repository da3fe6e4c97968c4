import { existsSync, rmdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { RedoubtError } from '../error.ts';
import { checkSlug } from '../gate/plan/check-slug.ts';
import { forEachCell } from '../gate/plan/check-queue.ts';
import type { GateResult } from '../gate/run-gate.ts';
import { statedOptions } from '../gate/stated-options.ts';
import { interruption } from '../host/interruption.ts';
import type { Progress } from '../host/progress.ts';
import type { Report } from '../report/report.ts';
import { writeReport } from '../report/write-report.ts';
import type { Cell, Check } from '../verdict/cell.ts';
import type { HostFacts, Outcome, TimedEvent } from '../verdict/event.ts';
import { redoubtVersion } from '../version.ts';
import { CellsLeft } from './cells-left.ts';
import { ToldFacts } from './leg-log.ts';
import { makePlan } from './make-plan.ts';
import { MatrixDirectory } from './matrix-directory.ts';
import { MatrixLog } from './matrix-log.ts';
import type { MatrixOptions } from './matrix-options.ts';
import type { MatrixPlan } from './matrix-plan.ts';
import { MatrixPace } from './matrix-pace.ts';
import type { OpenedLeg } from './open-legs.ts';
import { openMatrix } from './open-matrix.ts';
import { placedCells } from './placed-cells.ts';
import { requireSamePlan, resumptionOf } from './resumption.ts';

export interface MatrixViews {
  readonly progress: Progress;
  readonly onEvent: (event: TimedEvent) => void;
  /** Told in words what of the run was done before. */
  readonly onResumed: (words: string) => void;
  /** Told of the report once it is written, that of a run that failed or was interrupted, too. */
  readonly onReport?: (report: Report) => void;
  /** Everything that must be closed at an interrupt is put on it. */
  readonly stack: AsyncDisposableStack;
}

/**
 * Judges every cell of a matrix, or of one shard of it, as many at a time as the machine can take, and goes on with an
 * earlier run in the same folder. A run that fails or is interrupted leaves its events and a report that says "not judged".
 * @throws RedoubtError of kind usage or infrastructure when the run did not come to its end.
 */
export async function runMatrix(options: MatrixOptions, views: MatrixViews): Promise<GateResult> {
  const directory = await MatrixDirectory.open(options.gate.reportDirectory);
  views.stack.use(directory);
  const log = new MatrixLog(views.onEvent);
  // At once, before what runs is ended: its death must not look like a finding.
  const onInterrupt = (): void => failRun(directory, log, interruption.reason, views);
  interruption.addEventListener('abort', onInterrupt);
  try {
    log.append({ type: 'run-started', schemaVersion: 1, redoubtVersion, machine: hostname() });
    await judgeMatrix(options, directory, log, views);
  } catch (error) {
    if (error instanceof RedoubtError && error.kind === 'usage') removeIfEmpty(directory.path);
    else failRun(directory, log, error, views);
    throw error;
  } finally {
    interruption.removeEventListener('abort', onInterrupt);
  }
  return { ...writeReport(directory.path, log.events, views.onReport), directory: directory.path };
}

async function judgeMatrix(
  options: MatrixOptions,
  directory: MatrixDirectory,
  log: MatrixLog,
  { progress, onResumed, stack }: MatrixViews,
): Promise<void> {
  // 1. What is to be done: a function of the options alone.
  const { plan, bundles } = await makePlan(options, progress);
  const placed = placedCells(plan, options.shard);
  if (directory.earlier !== undefined)
    requireSamePlan(directory.path, directory.earlier, plan, options.shard);
  // 2. What it needs: hosts, and a gate for each leg.
  let steps = progress;
  const legs = await openMatrix(placed, {
    options,
    plan,
    bundles,
    log,
    told: new ToldFacts(directory.earlier?.events ?? []),
    reportDirectory: directory.path,
    progress: (phase, detail) => {
      steps(phase, detail);
    },
    stack,
  });
  // 3. What of it is done.
  const cells = legs.flatMap((leg) => leg.cells);
  const checks = legs.flatMap((leg) => leg.checks.map(({ id, cell, promise }) => ({ id, cell, promise })));
  const { done, kept } = resumptionOf(directory.earlier?.events ?? [], cells, checks, factsOfHosts(log));
  log.append({ type: 'options', options: optionsOf(options, plan, log) });
  log.append({ type: 'planned', cells, checks });
  directory.storePlan({ digest: plan.digest, shard: options.shard ?? null, axes: plan.axes });
  log.begin(directory.eventsPath, kept);
  if (done.size > 0)
    onResumed(
      `${String(done.size)} of ${String(cells.length)} cells were done before, and are not done again`,
    );
  // Evidence of what was half done belongs to nothing.
  for (const { id, cell } of checks)
    if (!done.has(cell))
      rmSync(join(directory.path, 'evidence', checkSlug(id)), { recursive: true, force: true });
  // 4. The rest.
  const planned = new Set(cells);
  const open = placed.map(({ cell }) => cell).filter((cell) => planned.has(cell) && !done.has(cell.id));
  const pace = new MatrixPace(open, { cells: done.size, failed: failedCells(kept, checks) }, (words) => {
    progress('matrix', words);
  });
  // Of the steps of many cells at a time only the long ones are worth their place on one line.
  steps = (phase, detail) => {
    if (/^(capture|tape|root) /.test(phase)) pace.note([phase, detail].filter(Boolean).join(': '));
  };
  await judgeCells(open, legs, pace);
  const testsRun = log.events.filter(({ type }) => type === 'check-ended').length;
  log.append({ type: 'run-ended', testsRun, peakRssBytes: process.resourceUsage().maxRSS * 1024 });
}

function failedCells(events: readonly TimedEvent[], checks: readonly Check[]): number {
  const failed = new Set(
    events.flatMap((event) =>
      event.type === 'check-ended' && event.outcome === 'failed' ? [event.check] : [],
    ),
  );
  return new Set(checks.filter(({ id }) => failed.has(id)).map(({ cell }) => cell)).size;
}

function factsOfHosts({ events }: MatrixLog): readonly HostFacts[] {
  return events.flatMap((event) => (event.type === 'host' ? [event.host] : []));
}

function optionsOf(
  { gate, shard }: MatrixOptions,
  { axes, digest }: MatrixPlan,
  { events }: MatrixLog,
): Extract<TimedEvent, { type: 'options' }>['options'] {
  const absent = new Set(events.flatMap((event) => (event.type === 'host-absent' ? [event.host.name] : [])));
  return {
    ...statedOptions(gate, {
      majors: [...new Set(axes.bundles.flatMap(({ majors }) => majors))].toSorted(
        (left, right) => left - right,
      ),
      hosts: axes.hosts.filter((name) => !absent.has(name)),
    }),
    matrix: {
      bundles: axes.bundles.map(({ name }) => name),
      computeImages: [...new Set(axes.images.map(({ name }) => name))],
      workloads: axes.workloads.map(({ name }) => name),
      plan: digest,
      ...(shard === undefined ? {} : { shard }),
    },
  };
}

/** Judges cells in their order, as many at a time as the machine can take. */
async function judgeCells(
  cells: readonly Cell[],
  legs: readonly OpenedLeg[],
  pace: MatrixPace,
): Promise<void> {
  const legOf = new Map(legs.flatMap((leg) => leg.cells.map((cell) => [cell, leg] as const)));
  const checksOf = Map.groupBy(
    legs.flatMap(({ checks }) => checks),
    ({ cell }) => cell,
  );
  const left = new CellsLeft(cells, (cell) => legOf.get(cell)?.run);
  await forEachCell(cells, async (cell) => {
    const run = legOf.get(cell)?.run;
    if (run === undefined) return;
    pace.began(cell);
    const outcomes: Outcome[] = [];
    for (const check of checksOf.get(cell.id) ?? []) outcomes.push(await check.examine(run));
    await left.done(cell, run);
    pace.ended(cell, outcomes);
  });
}

function failRun(directory: MatrixDirectory, log: MatrixLog, error: unknown, views: MatrixViews): void {
  if (log.isOver) return;
  const [code, reason] =
    error instanceof RedoubtError ? [error.code, error.message] : ['internal', String(error)];
  try {
    log.append({ type: 'run-failed', code, reason });
    // What an earlier run left is worth more than that this one came to nothing.
    if (!log.hasBegun && directory.earlier !== undefined) return;
    if (!log.hasBegun) log.begin(directory.eventsPath);
    writeReport(directory.path, log.events, views.onReport);
  } catch {
    // The disk may be full, which is then the failure itself: what matters is to throw that one.
  }
}

/** Nothing ran: a folder that was made for it goes. */
function removeIfEmpty(path: string): void {
  if (existsSync(join(path, 'plan.json'))) return;
  try {
    rmdirSync(path);
  } catch {
    // It holds something: then it stays.
  }
}
