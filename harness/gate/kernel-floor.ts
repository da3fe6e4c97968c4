import { mkdir } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';

import { launch } from '../bundle/launch.ts';
import { walredoFlags } from '../bundle/launch-walredo.ts';
import { RedoubtError } from '../error.ts';
import type { Host } from '../host/engine.ts';
import { runInGuest } from '../host/kernel/guest.ts';
import type { GuestTask } from '../host/kernel/guest-boot.ts';
import type { GuestOutcome } from '../host/kernel/guest-outcome.ts';
import type { Progress } from '../host/progress.ts';
import type { Tape } from '../redo/tape/tape.ts';
import type { FloorWalredo } from '../verdict/floor-judgement.ts';
import { pageserverInitdbFlags } from './initdb/bundle-initdb.ts';
import type { OpenedBundle } from './inputs/opened-bundle.ts';
import { openKeptTape } from './replay/kept-tape.ts';
import { replayTape } from './replay/replay-tape.ts';

/** What a bundle's programs did under the oldest kernel of the RFC. */
export interface FloorRun {
  /** Its uname: `Linux 5.10.0-32-cloud-amd64 #1 SMP Debian 5.10.223-1 (2024-08-10)`. */
  readonly kernel: string;
  /** By major; a major without a kept tape of the bundle's flavour is missing. */
  readonly walredo: ReadonlyMap<number, FloorWalredo>;
  /** By major; empty unless it was asked for. */
  readonly initdb: ReadonlyMap<number, GuestOutcome>;
}

export interface FloorOptions {
  readonly opened: OpenedBundle;
  readonly majors: readonly number[];
  /** Whether initdb is run, too: about as long as a start of the emulated machine, for each major. */
  readonly withInitdb: boolean;
  /** The host whose root a bundle that is not chrooted into leans on. */
  readonly host: Host;
  /** Does not exist yet; keeps what came out of the emulated machine. */
  readonly directory: string;
  readonly answerTimeoutMs: number;
  readonly progress: Progress;
}

/** Generous: emulated, on a machine that does other work, initdb has taken half a minute. */
const wallTimeMs = { initdb: 300_000, walredo: 120_000 } as const;

/** `Linux 6.18.44`: the kernel that runs everything else. */
export function machineKernel(): string {
  return `Linux ${release()}`;
}

/**
 * Replays the kept tapes of all majors under Linux 5.10 in one emulated machine, and once here.
 * @throws RedoubtError (infrastructure: not judged) what `runInGuest` throws, or `root-unseen` when the host's root cannot be
 *   taken along.
 */
export async function runUnderFloor(options: FloorOptions): Promise<FloorRun> {
  const { opened, majors, directory, progress, withInitdb } = options;
  await mkdir(directory);
  const tapes = await keptTapes(majors, opened);
  progress('Linux 5.10', `walredo${withInitdb ? ' and initdb' : ''} of ${majors.join(', ')}, emulated`);
  const { kernel, outcomes } = await runInGuest({
    root: rootOf(options),
    tasks: [
      ...[...tapes].map(([major, tape]) => walredoTask(opened, major, tape)),
      ...(withInitdb ? majors.map((major) => initdbTask(opened, major)) : []),
    ],
    directory,
    progress,
  });
  const walredo = new Map<number, FloorWalredo>();
  const initdb = new Map<number, GuestOutcome>();
  for (const major of majors) {
    const [tape, there, made] = [
      tapes.get(major),
      outcomes.get(walredoName(major)),
      outcomes.get(initdbName(major)),
    ];
    if (tape !== undefined && there !== undefined) {
      const { opened, host, directory, answerTimeoutMs } = options;
      const answers = join(directory, `here-${String(major)}`);
      const here = await replayTape(tape, opened.bundle, host, answers, { answerTimeoutMs });
      walredo.set(major, { tape, there, here });
    }
    if (made !== undefined) initdb.set(major, made);
  }
  return { kernel, walredo, initdb };
}

async function keptTapes(
  majors: readonly number[],
  opened: OpenedBundle,
): Promise<ReadonlyMap<number, Tape>> {
  const tapes = new Map<number, Tape>();
  for (const major of majors) {
    try {
      tapes.set(major, await openKeptTape(major, opened));
    } catch (error) {
      // The check of that major asks again, and says why it has none.
      if (!(error instanceof RedoubtError)) throw error;
    }
  }
  return tapes;
}

function rootOf({ opened: { bundle }, host }: FloorOptions): string {
  if (bundle.layout === 'chroot') return bundle.directory;
  if (host.rootPath !== undefined) return host.rootPath;
  throw new RedoubtError(
    'infrastructure',
    'root-unseen',
    `the root of ${host.name} is no folder that an emulated machine could have`,
    { remedy: 'Judge this bundle with the chroot engine.' },
  );
}

function walredoTask({ bundle }: OpenedBundle, major: number, tape: Tape): GuestTask {
  return {
    name: walredoName(major),
    launch: launch(bundle, major, 'postgres', walredoFlags),
    stdinPath: tape.requestsPath,
    wallTimeMs: wallTimeMs.walredo,
  };
}

function initdbTask({ bundle }: OpenedBundle, major: number): GuestTask {
  return {
    name: initdbName(major),
    launch: launch(bundle, major, 'initdb', pageserverInitdbFlags(major)),
    wallTimeMs: wallTimeMs.initdb,
  };
}

function walredoName(major: number): string {
  return `walredo-${String(major)}`;
}

function initdbName(major: number): string {
  return `initdb-${String(major)}`;
}
