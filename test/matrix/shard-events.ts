import { type MatrixAxes, planMatrix } from '../../harness/matrix/matrix-plan.ts';
import { type Shard, shardCells } from '../../harness/matrix/shard.ts';
import type { ShardRun } from '../../harness/matrix/shard-run.ts';
import type { GateEvent, TimedEvent } from '../../harness/verdict/event.ts';

/** What a run of a shard, or of the whole plan, tells when all of its cells pass but `failing`. */
export function shardRun(
  axes: MatrixAxes,
  shard: Shard | null,
  failing: readonly string[] = [],
): ShardRun & { readonly events: readonly TimedEvent[] } {
  const plan = planMatrix(axes);
  const wanted = new Set(shardCells(plan, shard ?? { index: 1, count: 1 }).map(({ cell }) => cell));
  const cells = plan.legs.flatMap((leg) => leg.cells).filter((cell) => wanted.has(cell));
  const hosts = axes.hosts.filter(
    (name) => name === axes.firstHost || cells.some(({ host }) => host === name),
  );
  const minute = shard?.index ?? 0;
  const at = (event: GateEvent): TimedEvent => ({ at: `2026-11-22T20:0${String(minute)}:00.000Z`, ...event });
  const walredo = cells.filter(({ suite }) => suite === 'walredo');
  const tapes = new Map(
    walredo.map(({ major, compute }) => [JSON.stringify([major, compute]), { major, compute }]),
  );
  const events = [
    at({
      type: 'run-started',
      schemaVersion: 1,
      redoubtVersion: axes.redoubtVersion,
      machine: `m${String(minute)}`,
    }),
    ...hosts.map((name) =>
      at({
        type: 'host',
        host: { name, engine: axes.engine, packages: { libc6: '2.36' }, libc: 'glibc 2.36' },
      }),
    ),
    ...axes.bundles.map(({ name, digest }) =>
      at({
        type: 'bundle',
        bundle: {
          role: 'candidate',
          name,
          source: `${name}.tar`,
          digest,
          layout: 'chroot',
          flavour: 'vanilla',
          servers: {},
        },
      }),
    ),
    at({
      type: 'options',
      options: {
        suites: axes.suites,
        majors: [15, 17],
        hosts: axes.hosts,
        engine: axes.engine,
        matrix: {
          bundles: axes.bundles.map(({ name }) => name),
          computeImages: axes.images.map(({ name }) => name),
          workloads: axes.workloads.map(({ name }) => name),
          plan: plan.digest,
          ...(shard === null ? {} : { shard }),
        },
      },
    }),
    at({
      type: 'planned',
      cells,
      checks: cells.map(({ id }) => ({ id: `${id}/check`, cell: id, promise: 'it holds' })),
    }),
    ...[...tapes.values()].map(({ major, compute }) =>
      at(tapeEvent(major, compute ?? `image-${String(major)}`)),
    ),
    ...cells.flatMap(({ id }) => {
      const check = `${id}/check`;
      const failed = failing.includes(id);
      const finding = { code: 'page-zero', message: `wrong in ${id}` } as const;
      return [
        at({ type: 'check-started', check }),
        ...(failed ? [at({ type: 'finding', check, finding })] : []),
        at({
          type: 'check-ended',
          check,
          outcome: failed ? 'failed' : 'passed',
          reason: failed ? finding.message : null,
          tallies: [],
          notes: [],
          durationMs: minute,
        }),
      ];
    }),
    at({ type: 'run-ended', testsRun: cells.length, peakRssBytes: minute }),
  ];
  return {
    path: `shard-${String(minute)}`,
    plan: { schemaVersion: 1, digest: plan.digest, shard, axes },
    events,
  };
}

function tapeEvent(major: number, compute: string): GateEvent {
  return {
    type: 'tape',
    tape: {
      label: 'records',
      digest: `tape-${String(major)}-${compute}`,
      major,
      compute,
      serverVersion: `${String(major)}.1`,
      flavour: 'vanilla',
      fullPageWrites: false,
      checksums: false,
      workload: 'collation',
      requests: 1,
      records: 1,
      requestsOnPushedBase: 0,
      recordsOnPushedBase: 0,
      notJudged: {},
      startLsn: '0/1',
      endLsn: '0/2',
      directory: '/cache',
    },
  };
}
