import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import type { Report } from '../../harness/report/report.ts';
import { redoubt } from '../support/redoubt-command.ts';
import { smallTape } from '../support/small-tape.ts';
import { allGone, CommandRun, type RunEnd } from './support/command-run.ts';
import { Workplace, type CacheFolder } from './support/workplace.ts';

/*
 * A run that is told to stop, in any phase, ends with exit 3 and leaves nothing; of one that is killed the processes are
 * gone at once, and the next run removes the rest.
 */

type Moment = (run: CommandRun, place: Workplace) => boolean | Promise<boolean>;

interface Phase {
  readonly name: string;
  /** What is not made before the run begins, the run makes. */
  readonly shared: readonly CacheFolder[];
  readonly command: string;
  readonly moment: Moment;
}

const gate = 'gate --pg 17 --hosts debian:12 --suites walredo';
const roots = ['roots', 'helpers'] as const;
const bundle = [...roots, 'reference', 'bundles'] as const;

/** A file in what is being made in a folder of the cache. */
function making(folder: CacheFolder, file: string): Moment {
  return async (_, { cache }) => {
    const entries = await readdir(join(cache, folder)).catch((): string[] => []);
    return entries.some((name) => name.endsWith('.partial') && existsSync(join(cache, folder, name, file)));
  };
}

function said(words: string): Moment {
  return (run) => run.said(words);
}

const phases: Readonly<Record<string, Phase>> = {
  root: { name: 'making a root', shared: [], command: gate, moment: making('roots', 'root/usr') },
  compiling: {
    name: 'compiling the bundle',
    shared: roots,
    command: gate,
    moment: said('reference bundle: compiling'),
  },
  packing: {
    name: 'packing the bundle',
    shared: roots,
    command: gate,
    moment: async (_, place) => {
      const [partial = ''] = await readdir(join(place.cache, 'reference')).catch((): string[] => []);
      const files = await readdir(join(place.cache, 'reference', partial)).catch((): string[] => []);
      return files.some((name) => name.startsWith('.redoubt-'));
    },
  },
  unpacking: {
    name: 'unpacking the bundle',
    shared: [...roots, 'reference'],
    command: gate,
    moment: making('bundles', 'LAUNCHER'),
  },
  initdb: { name: 'initdb', shared: bundle, command: gate, moment: said(': initdb') },
  setup: { name: "the workload's setup", shared: bundle, command: gate, moment: said('setup/') },
  base: {
    name: 'copying the base',
    shared: bundle,
    command: gate,
    moment: making('tapes', 'capture/base/PG_VERSION'),
  },
  work: { name: "the workload's work", shared: bundle, command: gate, moment: said('work/') },
  recovery: {
    name: 'recovery',
    shared: bundle,
    command: gate,
    moment: making('tapes', 'capture/oracle.log'),
  },
  tape: { name: 'making the tape', shared: bundle, command: gate, moment: said('splitting the WAL') },
  replay: {
    name: 'replay',
    shared: [...bundle, 'tapes'],
    command: 'replay TAPE --hosts debian:11,debian:12',
    moment: said('replay 17 on debian:11'),
  },
  judgement: {
    name: 'judgement',
    shared: [...bundle, 'tapes'],
    command: 'replay TAPE --hosts debian:11,debian:12',
    moment: said('replay 17 on debian:12'),
  },
};

interface Interruption {
  readonly phase: string;
  readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL';
}

/** In CI one phase of each kind of work; in the full tier each phase with each signal. */
const interruptions: readonly Interruption[] =
  process.env['REDOUBT_TEST_TIER'] === 'full'
    ? Object.keys(phases).flatMap((phase) =>
        (['SIGINT', 'SIGTERM', 'SIGKILL'] as const).map((signal) => ({ phase, signal })),
      )
    : [
        { phase: 'root', signal: 'SIGINT' },
        { phase: 'root', signal: 'SIGKILL' },
        { phase: 'packing', signal: 'SIGTERM' },
        { phase: 'unpacking', signal: 'SIGINT' },
        { phase: 'base', signal: 'SIGKILL' },
        { phase: 'work', signal: 'SIGINT' },
        { phase: 'work', signal: 'SIGKILL' },
        { phase: 'recovery', signal: 'SIGTERM' },
        { phase: 'tape', signal: 'SIGINT' },
        { phase: 'replay', signal: 'SIGTERM' },
      ];

test.group('interruption', () => {
  for (const { phase: key, signal } of interruptions) {
    const phase = phases[key];
    if (phase === undefined) continue;
    test(`${signal} in ${phase.name}`, async ({ assert }) => {
      await using place = await Workplace.open(phase.shared);
      const run = await startGate(phase, place);
      await run.until((started) => phase.moment(started, place));
      const family = await run.descendants();
      // A terminal's Ctrl-C reaches the whole process group; a kill only the harness.
      if (signal === 'SIGINT') run.signalGroup(signal);
      else run.signalHarness(signal);
      const end = await run.end;
      await allGone(family);
      if (signal === 'SIGKILL') {
        assert.equal(end.signal, 'SIGKILL');
        const { exitCode, stderr } = await redoubt(['clean'], place.env);
        assert.equal(exitCode, 0, stderr);
      } else {
        assertStopped(assert, end, signal);
        const report = JSON.parse(await readFile(join(place.out, 'report.json'), 'utf8')) as Report;
        assert.equal(report.verdict, 'not judged');
        assert.equal(report.exitCode, 3);
        assert.match(await lastEvent(place), /"type":"run-failed","code":"interrupted"/);
      }
      assert.deepEqual(await place.traces(run.ownPrefix), []);
    });
  }

  test('a second Ctrl-C makes it no worse', async ({ assert }) => {
    await using place = await Workplace.open(bundle);
    const run = await CommandRun.start(['capture', '--pg', '17', '--out', place.out, '--json'], place.env);
    await run.until((started) => started.said('work/'));
    const family = await run.descendants();
    run.signalGroup('SIGINT');
    run.signalGroup('SIGINT');
    assertStopped(assert, await run.end, 'SIGINT');
    await allGone(family);
    assert.isFalse(existsSync(place.out));
    assert.deepEqual(await place.traces(run.ownPrefix), []);
  });

  test('the next run removes what a killed one left', async ({ assert }) => {
    await using place = await Workplace.open(bundle);
    const killed = await CommandRun.start(['capture', '--pg', '17', '--out', place.out], place.env);
    await killed.until((started) => started.said('work/'));
    const family = await killed.descendants();
    killed.signalHarness('SIGKILL');
    await killed.end;
    await allGone(family);
    assert.isNotEmpty(await place.traces(killed.ownPrefix));
    const { exitCode, stderr } = await redoubt(
      ['capture', '--pg', '17', '--scale', 'small', '--out', place.out],
      place.env,
    );
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(await place.traces(killed.ownPrefix), []);
    const beside = await readdir(join(place.out, '..'));
    assert.deepEqual(
      beside.filter((name) => name.startsWith('.redoubt-')),
      [],
    );
  });
});

async function startGate({ command }: Phase, place: Workplace): Promise<CommandRun> {
  const tape = command.includes('TAPE') ? (await smallTape(17)).directory : '';
  const words = command.split(' ').map((word) => (word === 'TAPE' ? tape : word));
  return CommandRun.start([...words, '--report', place.out, '--json'], place.env);
}

/** Exit 3, one line that says what happened, one JSON object that judges nothing. */
function assertStopped(
  assert: { equal(actual: unknown, expected: unknown, message?: string): void },
  { exitCode, stdout, stderr }: RunEnd,
  signal: string,
): void {
  assert.equal(exitCode, 3, stderr);
  const lines = stderr.split('\n').filter((line) => line.startsWith('redoubt: '));
  assert.equal(lines.join('\n'), `redoubt: interrupted by ${signal}: nothing was judged`, stderr);
  const said = JSON.parse(stdout) as { readonly verdict: string; readonly exitCode: number };
  assert.equal(said.verdict, 'not judged');
  assert.equal(said.exitCode, 3);
}

async function lastEvent(place: Workplace): Promise<string> {
  const events = await readFile(join(place.out, 'events.ndjson'), 'utf8');
  return events.trimEnd().split('\n').at(-1) ?? '';
}
