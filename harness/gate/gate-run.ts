import { join } from 'node:path';

import { type MajorFiles, majorFiles } from '../bundle/files/major-files.ts';
import { type BundleInventory, takeInventory } from '../bundle/inventory/bundle-inventory.ts';
import { FolderTree } from '../bundle/inventory/folder-tree.ts';
import { openForeignCluster, type ForeignCluster } from '../compute/foreign-cluster.ts';
import { runVanillaInitdb } from '../compute/vanilla-initdb.ts';
import { RedoubtError } from '../error.ts';
import type { Host } from '../host/engine.ts';
import type { Progress } from '../host/progress.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../host/run-directory.ts';
import type { Replay } from '../redo/replay/replay.ts';
import type { Tape } from '../redo/tape/tape.ts';
import type { EventSink } from '../verdict/event.ts';
import type { Finding } from '../verdict/finding.ts';
import type { OpenedLock } from '../pin/opened-lock.ts';
import { type Tolerance, toleranceOf } from '../verdict/tolerance.ts';
import { CheckQueue } from './plan/check-queue.ts';
import { readBundleBuild, type BundleBuild } from './inputs/bundle-build-facts.ts';
import { initdbOptions, makeDataDirectory, runInitdb } from './initdb/bundle-initdb.ts';
import { wholeLifePlan } from './capture/capture-plan.ts';
import type { ComputeServer, GateInputs } from './inputs/gate-inputs.ts';
import type { GatePlan } from './plan/gate-plan.ts';
import { checksumFlags, type InitdbCase, pageserverCase } from './initdb/initdb-cases.ts';
import { InitdbRun } from './initdb/initdb-run.ts';
import { judgedReplay } from './replay/judged-replay.ts';
import { type FloorRun, runUnderFloor } from './kernel-floor.ts';
import { MadeOnce } from './made-once.ts';
import type { OpenedBundle } from './inputs/opened-bundle.ts';
import { forgetShared } from './shared-work.ts';
import { answersDigest, readBackWalredo, type WalredoReadback } from './walredo-readback.ts';
import { WorkAhead } from './work-ahead.ts';

/** A tape's answers out of one bundle on one host. */
export interface Replayed {
  readonly tape: Tape;
  readonly replay: Replay;
}

/** A compute image's own initdb of one case, and who it was. */
export interface VanillaRun {
  readonly run: InitdbRun;
  readonly image: string;
  /** As in `17.11`. */
  readonly serverVersion: string;
}

/** One run of the gate: its inputs, and the work that several checks share, done once. */
export class GateRun implements AsyncDisposable {
  /** What is examined in it, for whoever waits for outcomes. */
  readonly checks = new CheckQueue(this);
  readonly #inputs: GateInputs;
  readonly #scratch: TemporaryDirectory;
  readonly #made = new MadeOnce();
  readonly #ahead = new WorkAhead();

  private constructor(inputs: GateInputs, scratch: TemporaryDirectory) {
    this.#inputs = inputs;
    this.#scratch = scratch;
  }

  static async open(inputs: GateInputs): Promise<GateRun> {
    return new GateRun(inputs, await temporaryDirectory('the gate'));
  }

  get plan(): GatePlan {
    return this.#inputs.plan;
  }

  get log(): EventSink {
    return this.#inputs.log;
  }

  get reportDirectory(): string {
    return this.#inputs.reportDirectory;
  }

  get answerTimeoutMs(): number {
    return this.#inputs.answerTimeoutMs;
  }

  /** Who is told about long steps. */
  get progress(): Progress {
    return this.#inputs.progress;
  }

  /** @throws RedoubtError `no-lock` when nothing is pinned. */
  get lock(): OpenedLock {
    if (this.#inputs.lock === undefined)
      throw new RedoubtError('usage', 'no-lock', 'the run has no lock file');
    return this.#inputs.lock;
  }

  /** Why something that a check found does not fail it; undefined when it does. */
  toleranceOf(check: string, finding: Finding): Tolerance | undefined {
    const { policy } = this.#inputs;
    return policy === undefined ? undefined : toleranceOf(policy, check, finding);
  }

  get candidate(): OpenedBundle {
    return this.#inputs.candidate;
  }

  /** @throws RedoubtError `no-baseline` when the run has none. */
  get baseline(): OpenedBundle {
    if (this.#inputs.baseline === undefined)
      throw new RedoubtError('usage', 'no-baseline', 'the run has no baseline bundle');
    return this.#inputs.baseline;
  }

  host(name: string): Host {
    const host = this.#inputs.hosts.get(name);
    if (host === undefined)
      throw new RedoubtError('infrastructure', 'host-missing', `${name} is not among the opened hosts`);
    return host;
  }

  tape(major: number, label: string): Promise<Tape> {
    return this.#made.of(`tape ${String(major)} ${label}`, () => this.#inputs.openTape(major, label));
  }

  /** What lies in a bundle, looked at once. */
  inventory({ role, bundle }: OpenedBundle): Promise<BundleInventory> {
    return this.#made.of(`inventory ${role}`, async () => {
      this.#inputs.progress(`inventory of the ${role}`);
      return takeInventory(bundle.layout, new FolderTree(bundle.directory));
    });
  }

  /** The files of one major of a bundle, as its programs see them on a host. */
  files(opened: OpenedBundle, major: number, hostName: string): Promise<MajorFiles> {
    const { role, bundle } = opened;
    const leansOn = bundle.layout === 'pg-install' ? hostName : '';
    return this.#made.of(`files ${role} ${String(major)} ${leansOn}`, async () => {
      const inventory = await this.inventory(opened);
      return majorFiles(inventory, major, leansOn === '' ? undefined : await this.#hostTree(leansOn));
    });
  }

  #hostTree(name: string): Promise<FolderTree> {
    return this.#made.of(`tree of ${name}`, async () => {
      const { rootPath } = this.host(name);
      if (rootPath !== undefined) return new FolderTree(rootPath);
      throw new RedoubtError(
        'infrastructure',
        'root-unseen',
        `the root of ${name} is no folder to look into`,
      );
    });
  }

  /** A bundle's answers to a tape on a host. */
  replayed(opened: OpenedBundle, major: number, hostName: string, label: string): Promise<Replayed> {
    const id = `${opened.role}-pg${String(major)}-${fileName(hostName)}-${label}`;
    const directory = join(this.#scratch.path, id);
    return this.#made.onHost([major, hostName], { key: `replay ${id}`, folders: [directory] }, async () => {
      const tape = await this.tape(major, label);
      this.#inputs.progress(
        `replay ${String(major)} on ${hostName}`,
        `${label}: ${String(tape.index.length)} pages`,
      );
      const { answerTimeoutMs } = this;
      const replay = await judgedReplay(tape, opened, this.host(hostName), directory, {
        label,
        answerTimeoutMs,
      });
      return { tape, replay };
    });
  }

  /** The compute image of a major. */
  compute(major: number): Promise<ComputeServer> {
    return this.#made.of(`compute ${String(major)}`, () => this.#inputs.openCompute(major));
  }

  /** A bundle's initdb on a host, by default with a pageserver's options; another `turn` is another run of it. */
  initdb(
    { role, bundle }: OpenedBundle,
    major: number,
    hostName: string,
    { id, flags }: InitdbCase = pageserverCase(major),
    turn: 'first' | 'second' = 'first',
  ): Promise<InitdbRun> {
    const name = `initdb-${role}-${String(major)}-${fileName(hostName)}-${id}-${turn}`;
    const inout = join(this.#scratch.path, name);
    return this.#made.onHost([major, hostName], { key: name, folders: [inout] }, async () => {
      this.#inputs.progress(`initdb ${String(major)} on ${hostName}`, id);
      const options = initdbOptions(flags);
      return new InitdbRun(await runInitdb(bundle, major, this.host(hostName), inout, options), inout);
    });
  }

  /**
   * The compute image's own initdb, by default with a pageserver's options.
   * @throws RedoubtError `vanilla-initdb-failed`: there is nothing to compare with.
   */
  vanillaInitdb(major: number, { id, flags }: InitdbCase = pageserverCase(major)): Promise<VanillaRun> {
    const name = `initdb-vanilla-${String(major)}-${id}`;
    return this.#made.of(name, async () => {
      const { name: image, host } = await this.compute(major);
      const inout = join(this.#scratch.path, name);
      this.#inputs.progress(`initdb ${String(major)} in ${image}`, id);
      const { process, program } = await runVanillaInitdb(host, major, inout, initdbOptions(flags));
      const run = new InitdbRun(process, inout);
      if (!run.succeeded) {
        throw new RedoubtError(
          'infrastructure',
          'vanilla-initdb-failed',
          `initdb of the compute image ${image} fails with ${flags.join(' ')}: ${process.stderr.trim().slice(-300)}`,
          { remedy: 'Choose another --compute: this one has not what the check asks for.' },
        );
      }
      return { run, image, serverVersion: program.version };
    });
  }

  /** What the compute image's server finds on such a data directory; those that are alike are tried once. */
  async foreignCluster(major: number, { tree, dataDirectory }: InitdbRun): Promise<ForeignCluster> {
    return this.#made.of(`foreign ${String(major)} ${tree.clusterDigest()}`, async () => {
      const { name, host } = await this.compute(major);
      this.#inputs.progress(`server ${String(major)} of ${name}`, 'on a data directory of initdb');
      return openForeignCluster(host, major, dataDirectory);
    });
  }

  /** The candidate's answers to the tape that begins with initdb's data directory. */
  replayedWholeLife(major: number, hostName: string): Promise<Replayed> {
    return this.replayed(this.candidate, major, hostName, wholeLifePlan.label);
  }

  /**
   * What the compute image makes of a data directory out of walredo's pages on a host. Where they are byte for byte those on
   * the first host, it is that one which is read back; `host` says on which they were made.
   */
  async readback(major: number, hostName: string): Promise<WalredoReadback & { readonly host: string }> {
    const { firstHost } = this.plan;
    const { tape, replay } = await this.replayedWholeLife(major, hostName);
    if (hostName !== firstHost) {
      const first = await this.replayedWholeLife(major, firstHost);
      const [own, other] = [await answersDigest(replay.runs), await answersDigest(first.replay.runs)];
      if (own === other) return this.readback(major, firstHost);
    }
    const name = `readback-${String(major)}-${fileName(hostName)}`;
    const directory = join(this.#scratch.path, name);
    return this.#made.onHost([major, hostName], { key: name, folders: [directory] }, async () => {
      const { name: image, host: compute } = await this.compute(major);
      const initdbDirectory = await this.#initdbOfCaptures(major);
      this.#inputs.progress(`server ${String(major)} of ${image}`, `on walredo's pages of ${hostName}`);
      const { runs } = replay;
      const made = await readBackWalredo({ compute, major, initdbDirectory, tape, runs, directory });
      return { ...made, host: hostName };
    });
  }

  /** The data directory on which the capture's primary began, made anew. Throws `initdb-failed`: there is none. */
  async #initdbOfCaptures(major: number): Promise<string> {
    const { firstHost } = this.plan;
    const { checksums } = wholeLifePlan;
    const isPageservers = checksumFlags(major, checksums).length === 0;
    if (isPageservers && this.candidate.bundle.layout !== 'static') {
      const run = await this.initdb(this.candidate, major, firstHost);
      if (run.succeeded) return run.dataDirectory;
    }
    return this.#made.of(`initdb of captures ${String(major)}`, async () => {
      const directory = join(this.#scratch.path, `initdb-of-captures-${String(major)}`);
      const bundle = await this.#inputs.openInitdbBundle(major);
      await makeDataDirectory(bundle, major, this.host(firstHost), directory, checksums);
      return directory;
    });
  }

  /** What a bundle's server says of its build. */
  bundleBuild(opened: OpenedBundle, major: number, hostName: string): Promise<BundleBuild> {
    const name = `build-${opened.role}-${String(major)}-${fileName(hostName)}`;
    const inout = join(this.#scratch.path, name);
    return this.#made.onHost([major, hostName], { key: name, folders: [inout] }, async () => {
      const { dataDirectory } = await this.initdb(opened, major, hostName);
      return readBundleBuild(opened.bundle, major, this.host(hostName), dataDirectory, inout);
    });
  }

  /** The candidate's programs of all majors under the RFC's oldest kernel, in one go. */
  kernelFloor(): Promise<FloorRun> {
    return this.#made.of('kernel floor', () =>
      runUnderFloor({
        opened: this.candidate,
        majors: this.plan.shape.majors,
        withInitdb: this.plan.shape.kernelFloor,
        host: this.host(this.plan.firstHost),
        directory: join(this.#scratch.path, 'kernel-floor'),
        answerTimeoutMs: this.answerTimeoutMs,
        progress: this.#inputs.progress,
      }),
    );
  }

  /** Starts what later checks will ask for, while earlier ones compare. */
  ahead(works: readonly (() => Promise<unknown>)[]): void {
    this.#ahead.start(works);
  }

  /** Gives back what was made of a major on a host: nobody asks for it any more, or it is made anew. */
  async release(major: number, hostName: string): Promise<void> {
    await this.#made.release(major, hostName);
    forgetShared(this, major, hostName);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ahead[Symbol.asyncDispose]();
    await this.#scratch[Symbol.asyncDispose]();
  }
}

function fileName(text: string): string {
  return text.replaceAll(/[^a-z0-9.]+/gi, '-');
}
