import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { chooseShards } from '../../harness/matrix/choose-shards.ts';
import { mergedEvents } from '../../harness/matrix/merged-events.ts';
import type { ShardRun } from '../../harness/matrix/shard-run.ts';
import { deriveReport, type Report } from '../../harness/report/report.ts';
import type { TimedEvent } from '../../harness/verdict/event.ts';
import { thrownBy } from '../support/thrown.ts';
import { axesWith } from './matrix-axes.ts';
import { shardRun } from './shard-events.ts';

const axes = axesWith({
  images: [
    { name: 'debian:12', major: 15, key: 'k12' },
    { name: 'debian:13', major: 17, key: 'k13' },
    { name: 'npm:17.10', major: 17, key: 'n17' },
  ],
});

function parts(count: number, failing: readonly string[] = []): readonly ShardRun[] {
  return Array.from({ length: count }, (_, at) => shardRun(axes, { index: at + 1, count }, failing));
}

function merged(runs: readonly ShardRun[], allowPartial = false): Report {
  return deriveReport(mergedEvents(chooseShards(runs, allowPartial)));
}

/** All of a report but what belongs to the machine and the hour. */
function withoutRun(report: Report): string {
  return JSON.stringify({ ...report, run: null });
}

function changed(run: ShardRun, change: (event: TimedEvent) => TimedEvent): ShardRun {
  return { ...run, path: `${run.path}-changed`, events: run.events.map(change) };
}

test.group('merging shards', () => {
  test('makes the report of the whole plan, byte for byte, however many there are and in whatever order', ({
    assert,
  }) => {
    const failing = ['pg17@npm:17.10/debian:12/walredo', 'pg15@debian:12/debian:11/initdb'];
    const whole = withoutRun(deriveReport(shardRun(axes, null, failing).events));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }).chain((count) =>
          fc.shuffledSubarray(
            Array.from({ length: count }, (_, at) => at),
            { minLength: count },
          ),
        ),
        (order) => {
          const runs = parts(order.length, failing);
          const shuffled = order.flatMap((at) => runs[at] ?? []);
          assert.equal(withoutRun(merged(shuffled)), whole);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('says of the run what all shards say: when, where, how long', ({ assert }) => {
    const { run } = merged(parts(3));
    assert.equal(run.startedAt, '2026-11-22T20:01:00.000Z');
    assert.equal(run.endedAt, '2026-11-22T20:03:00.000Z');
    assert.equal(run.machine, 'm1, m2, m3');
    assert.equal(run.peakRssBytes, 3);
  });
});

test.group('shards that do not make a whole', () => {
  const [first, second, third] = parts(3) as [ShardRun, ShardRun, ShardRun];
  const cut = { ...second, events: second.events.slice(0, -1) };
  const failed: ShardRun = {
    ...second,
    events: [
      ...cut.events,
      { at: '', type: 'run-failed', code: 'interrupted', reason: 'interrupted by SIGTERM' },
    ],
  };
  const short = changed(second, (event) =>
    event.type === 'planned' ? { ...event, cells: event.cells.slice(1) } : event,
  );
  const otherTape = changed(third, (event) =>
    event.type === 'tape' ? { ...event, tape: { ...event.tape, digest: 'another' } } : event,
  );
  // Of so many shards some share a tape.
  const otherTapes = parts(14).map((run, number) =>
    number % 2 === 0
      ? run
      : changed(run, (event) =>
          event.type === 'tape' ? { ...event, tape: { ...event.tape, digest: 'another' } } : event,
        ),
  );
  const otherHost = changed(third, (event) =>
    event.type === 'host' ? { ...event, host: { ...event.host, packages: { libc6: '2.41' } } } : event,
  );
  const otherBundle = shardRun(
    { ...axes, bundles: [{ name: 'new', digest: 'b2', majors: [15, 17] }] },
    { index: 3, count: 3 },
  );
  const [absentHost] = third.events.flatMap((event) =>
    event.type === 'host' && event.host.name !== axes.firstHost ? [event.host.name] : [],
  );
  const withoutHost = changed(third, (event) =>
    event.type === 'host' && event.host.name === absentHost
      ? { at: event.at, type: 'host-absent', host: { name: event.host.name, reason: 'no registry' } }
      : event,
  );
  const otherCount = shardRun(axes, { index: 4, count: 4 });
  const twoMore = shardRun(axes, { index: 2, count: 2 });
  const faulty: { name: string; runs: readonly ShardRun[]; kind: string; words: string }[] = [
    { name: 'one is missing', runs: [first, third], kind: 'infrastructure', words: 'missing: shard 2/3' },
    { name: 'two are missing', runs: [second], kind: 'infrastructure', words: 'missing: shard 1/3, 3/3' },
    {
      name: 'one was cut off',
      runs: [first, cut, third],
      kind: 'infrastructure',
      words: 'shard 2/3 (shard-2) is not whole: it was cut off before its end',
    },
    {
      name: 'one failed',
      runs: [first, failed, third],
      kind: 'infrastructure',
      words: 'it failed: interrupted by SIGTERM',
    },
    {
      name: 'one lacks a cell',
      runs: [first, short, third],
      kind: 'infrastructure',
      words: '1 of its cells',
    },
    {
      name: 'one is there twice',
      runs: [first, second, second, third],
      kind: 'usage',
      words: 'shard 2/3 is there twice',
    },
    {
      name: 'another bundle',
      runs: [first, second, otherBundle],
      kind: 'usage',
      words: 'another plan: bundles.0.digest is b1 in shard-1, b2 in shard-3',
    },
    { name: 'another tape', runs: otherTapes, kind: 'usage', words: 'another tape pg' },
    {
      name: 'another host',
      runs: [first, second, otherHost],
      kind: 'usage',
      words: 'another host debian:11: packages.libc6 is 2.36 in shard-1, 2.41',
    },
    {
      name: 'a host that one could not have',
      runs: [first, second, withoutHost],
      kind: 'usage',
      words: `another host ${absentHost ?? ''}: it is`,
    },
    {
      name: 'one of another number',
      runs: [first, second, third, otherCount],
      kind: 'usage',
      words: 'one of 4 shards, not of 3',
    },
    { name: 'one of fewer', runs: [first, twoMore], kind: 'usage', words: 'one of 2 shards, not of 3' },
  ];

  test('are refused: {name}')
    .with(faulty)
    .run(({ assert }, { runs, kind, words }) => {
      const error = thrownBy(() => chooseShards(runs, false));
      assert.equal(error.kind, kind);
      assert.include(error.message, words);
    });

  test('are never a pass where a part will do: {name}')
    .with(faulty)
    .run(({ assert }, { runs, words }) => {
      const report = merged(runs, true);
      assert.equal(report.exitCode, 3);
      assert.equal(report.verdict, 'not judged');
      assert.include(report.sentence, words);
    });

  test('a folder that holds none is a shard that is missing', ({ assert }) => {
    const error = thrownBy(() => chooseShards([first, second], false, ['lost']));
    assert.equal(error.kind, 'infrastructure');
    assert.equal(error.message, 'lost holds no run of redoubt matrix; missing: shard 3/3');
    assert.lengthOf(chooseShards([first, second], true, ['lost']).faults, 2);
  });

  test('a tape that only one of them has makes no difference', ({ assert }) => {
    const own = shardRun(axes, { index: 3, count: 3 });
    const tapes = own.events.flatMap((event) => (event.type === 'tape' ? [event.tape.digest] : []));
    const others = new Set(
      [first, second].flatMap(({ events }) =>
        events.flatMap((event) => (event.type === 'tape' ? [event.tape.digest] : [])),
      ),
    );
    assert.isTrue(tapes.every((digest) => !others.has(digest)));
    assert.equal(merged([first, second, otherTape]).exitCode, 0);
  });
});
