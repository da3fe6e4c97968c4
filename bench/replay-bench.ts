import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

import { launch } from '../harness/bundle/launch.ts';
import { makeUnprivilegedDirectory } from '../harness/host/unprivileged-directory.ts';
import { replay, type Replay } from '../harness/redo/replay/replay.ts';
import { judgePages, tapeStandard } from '../harness/verdict/page-judgement.ts';
import { hostName, major, type BenchInputs } from './inputs.ts';
import { timeRatio, type Measurement } from './measurement.ts';
import { medians, costOf } from './rounds.ts';

const redoubt = join(import.meta.dirname, '../redoubt');
const walredoFlags = ['--wal-redo', '--tenant-shard-id', 'redoubt'] as const;
const rounds = 15;
const commandRounds = 3;
const mostOverCpu = 1.3;

/** What a person types: the bundle's own LAUNCHER, chrooted into, in namespaces of its own, files in and out. */
const byHand = `mount --bind "$1" "$2/inout" && exec chroot --userspec=65534:65534 "$2" /LAUNCHER v${String(major)} postgres ${walredoFlags.join(' ')}`;

/** The replay of a tape against the same bytes piped by hand; and the whole command, for information. */
export async function measureReplay(inputs: BenchInputs): Promise<readonly Measurement[]> {
  const { scratch } = inputs;
  const inout = join(scratch, 'inout');
  await makeUnprivilegedDirectory(inout);
  const { harness, hand } = await medians(rounds, {
    harness: () => costOf(() => replayOnce(inputs, join(scratch, 'answers'))),
    hand: () => costOf(() => pipeByHand(inputs, inout, join(scratch, 'pages'))),
  });
  const { command } = await medians(commandRounds, {
    command: () => costOf(() => replayCommand(inputs, join(scratch, 'report'))),
  });
  return [
    timeRatio(
      'replay of a tape; by hand: LAUNCHER v17 postgres --wal-redo < requests > pages',
      [harness.wallMs, hand.wallMs],
      {
        most: 1.1,
        required: true,
      },
    ),
    timeRatio('the whole command: redoubt replay TAPE --hosts debian:12, verdict and all', [
      command.wallMs,
      hand.wallMs,
    ]),
  ];
}

/**
 * Replaying a tape and judging every page, against the CPU that the walredo process itself took for it: on the wall, which
 * a busy machine makes longer, and as the CPU of both processes. A tape is opened once for all hosts, before that.
 */
export async function measureJudgement(inputs: BenchInputs): Promise<readonly Measurement[]> {
  let walredoCpuMs = 0;
  const { whole, walredo } = await medians(rounds, {
    whole: () =>
      costOf(async () => {
        walredoCpuMs = await judgeOnce(inputs);
      }),
    walredo: () => Promise.resolve({ wallMs: walredoCpuMs, cpuMs: walredoCpuMs }),
  });
  const { requests, records } = inputs.tape.manifest.counts;
  const what = `${String(requests)} pages, ${String(records)} records replayed and judged`;
  return [
    timeRatio(`${what}, on the wall; CPU of walredo alone`, [whole.wallMs, walredo.cpuMs], {
      most: mostOverCpu,
      required: false,
    }),
    timeRatio(
      'the same, CPU of walredo and harness; CPU of walredo alone',
      [whole.cpuMs + walredo.cpuMs, walredo.cpuMs],
      {
        most: mostOverCpu,
        required: true,
      },
    ),
  ];
}

async function judgeOnce(inputs: BenchInputs): Promise<number> {
  const { tape } = inputs;
  const { runs, cpuMs } = await replayOnce(inputs, join(inputs.scratch, 'judged'));
  const { findings } = judgePages(tape, runs, tapeStandard(tape), () => null);
  if (findings.length > 0) throw new Error(`the reference bundle is wrong: ${findings[0]?.message ?? ''}`);
  return cpuMs;
}

/** Replays the tape into a new folder. */
export async function replayOnce(
  { bundle, tape, host, scratch }: BenchInputs,
  directory: string,
): Promise<Replay> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory);
  const start = launch(bundle, major, 'postgres', walredoFlags);
  const mounts = [{ source: join(scratch, 'inout'), target: '/inout', readOnly: false }];
  const replayed = await replay({
    host,
    launch: { ...start, mounts },
    requestsPath: tape.requestsPath,
    index: tape.index,
    directory,
  });
  const [fault] = replayed.faults;
  if (fault !== undefined) throw new Error(`the reference bundle failed: ${JSON.stringify(fault)}`);
  return replayed;
}

async function pipeByHand({ bundle, tape }: BenchInputs, inout: string, pages: string): Promise<void> {
  const [input, output] = [openSync(tape.requestsPath, 'r'), openSync(pages, 'w')];
  try {
    const namespaces = ['--mount', '--pid', '--fork', '--ipc', '--net'];
    const words = [...namespaces, 'sh', '-c', byHand, 'sh', inout, bundle.directory];
    const child = spawn('unshare', words, { stdio: [input, output, 'inherit'] });
    const [exitCode] = (await once(child, 'exit')) as [number | null];
    if (exitCode !== 0) throw new Error(`walredo by hand ended with ${String(exitCode)}`);
  } finally {
    closeSync(input);
    closeSync(output);
  }
}

async function replayCommand({ tape }: BenchInputs, report: string): Promise<void> {
  await rm(report, { recursive: true, force: true });
  await execa(redoubt, ['replay', tape.directory, '--hosts', hostName, '--quiet', '--report', report]);
}
