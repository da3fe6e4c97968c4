import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import type { Report } from '../../harness/report/report.ts';
import { redoubt } from '../support/redoubt-command.ts';
import { allGone, CommandRun } from './support/command-run.ts';
import { holds, type KnownProcess } from './support/process-tree.ts';
import { Workplace } from './support/workplace.ts';

/*
 * Whoever dies around a container, daemon, container or harness, and whenever: the run says nothing of the bundle (exit
 * 3), and nothing stays.
 */

const command = 'gate --engine docker --pg 17 --hosts debian:12 --suites initdb';
const shared = ['bundles', 'docker', 'helpers', 'reference', 'roots'] as const;

interface Phase {
  readonly name: string;
  /** The process in whose life the phase is, once it has come. */
  readonly sign: (processes: readonly KnownProcess[]) => KnownProcess | undefined;
  /** What the run says when its daemon dies then. */
  readonly words: RegExp;
}

const starting: Phase = {
  name: 'the daemon starts',
  sign: (processes) => named(processes, 'dockerd')[0],
  words: /Docker daemon/,
};
const running: Phase = {
  name: 'a process runs',
  sign: (processes) => named(processes, 'initdb').find(holds),
  words: /Docker daemon/,
};
const isFull = process.env['REDOUBT_TEST_TIER'] === 'full';

function named(processes: readonly KnownProcess[], name: string): readonly KnownProcess[] {
  return processes.filter((process) => process.name === name);
}

interface Begun {
  readonly run: CommandRun;
  readonly processes: readonly KnownProcess[];
  readonly sign: KnownProcess;
}

async function begin(place: Workplace, phase: Phase): Promise<Begun> {
  const run = await CommandRun.start([...command.split(' '), '--report', place.out], place.env);
  let processes: readonly KnownProcess[] = [];
  const sign = await run.until(async () => {
    processes = await run.descendants();
    return phase.sign(processes);
  });
  return { run, processes, sign };
}

/** After a run is over: nothing of it runs, and what it left the next one removes. */
async function leavesNothing(
  place: Workplace,
  run: CommandRun,
  processes: readonly KnownProcess[],
): Promise<readonly string[]> {
  await allGone(processes);
  await redoubt(['clean'], place.env);
  const daemons = (await readdir('/run')).filter((name) => name.startsWith(run.ownPrefix));
  return [...(await place.traces(run.ownPrefix)), ...daemons];
}

test.group('the docker engine in a gate', () => {
  test('{name} when the daemon is killed')
    .with(isFull ? [starting, running] : [running])
    .run(async ({ assert }, phase) => {
      await using place = await Workplace.open(shared);
      const { run, processes } = await begin(place, phase);
      for (const { pid } of named(processes, 'dockerd')) process.kill(pid, 'SIGKILL');
      const { exitCode, stdout, stderr } = await run.end;
      assert.equal(exitCode, 3);
      assert.match(`${stdout}${stderr}`, phase.words);
      assert.deepEqual(await leavesNothing(place, run, processes), []);
    });

  test('a process runs when its container is killed', async ({ assert }) => {
    await using place = await Workplace.open(shared);
    const { run, processes, sign } = await begin(place, running);
    // Other containers may be on their way to their own processes: it is the parent that is the container's first.
    process.kill(sign.parent, 'SIGKILL');
    assert.equal((await run.end).exitCode, 3);
    const report = JSON.parse(await readFile(join(place.out, 'report.json'), 'utf8')) as Report;
    assert.equal(report.verdict, 'not judged');
    assert.match(report.sentence, /the container of a process in debian:12 was ended from outside/);
    assert.deepEqual(await leavesNothing(place, run, processes), []);
  });

  test('{phase.name} when the harness gets {signal}')
    .with(
      isFull
        ? ([starting, running] as const).flatMap((phase) =>
            (['SIGKILL', 'SIGINT'] as const).map((signal) => ({ phase, signal })),
          )
        : [{ phase: running, signal: 'SIGKILL' as const }],
    )
    .run(async ({ assert }, { phase, signal }) => {
      await using place = await Workplace.open(shared);
      const { run, processes } = await begin(place, phase);
      run.signalHarness(signal);
      const { exitCode, signal: ended } = await run.end;
      if (signal === 'SIGINT') assert.equal(exitCode, 3);
      else assert.equal(ended, 'SIGKILL');
      assert.deepEqual(await leavesNothing(place, run, processes), []);
    });
});
