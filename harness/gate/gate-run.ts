import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import type { BundleFlavour } from '../bundle/flavour.ts';
import { launchFailure } from '../bundle/launch-failure.ts';
import { type MajorFiles, majorFiles } from '../bundle/files/major-files.ts';
import { type BundleInventory, takeInventory } from '../bundle/inventory/bundle-inventory.ts';
import { FolderTree } from '../bundle/inventory/folder-tree.ts';
import { launchWalredo } from '../bundle/launch-walredo.ts';
import type { Bundle } from '../bundle/open.ts';
import { openForeignCluster, type ForeignCluster } from '../compute/foreign-cluster.ts';
import { runVanillaInitdb } from '../compute/vanilla-initdb.ts';
import { RedoubtError } from '../error.ts';
import type { Host } from '../host/engine.ts';
import { requireFreeSpace } from '../host/machine/free-space.ts';
import type { Progress } from '../host/progress.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../host/run-directory.ts';
import { walredoPageSizeBytes } from '../redo/replay/message.ts';
import { replay, type Replay } from '../redo/replay/replay.ts';
import type { Tape } from '../redo/tape/tape.ts';
import type { BundleFacts, EventSink } from '../verdict/event.ts';
import type { Finding } from '../verdict/finding.ts';
import type { OpenedLock } from '../pin/opened-lock.ts';
import { type PolicyFacts, type Tolerance, toleranceOf } from '../verdict/tolerance.ts';
import { CheckQueue } from './plan/check-queue.ts';
import { readBundleBuild, type BundleBuild } from './inputs/bundle-build-facts.ts';
import { initdbOptions, makeDataDirectory, runInitdb } from './initdb/bundle-initdb.ts';
import { wholeLifePlan } from './capture/capture-plan.ts';
import type { GatePlan } from './plan/gate-plan.ts';
import { checksumFlags, type InitdbCase, pageserverCase } from './initdb/initdb-cases.ts';
import { InitdbRun } from './initdb/initdb-run.ts';
import { type FloorRun, runUnderFloor } from './kernel-floor.ts';
import { forgetShared } from './shared-work.ts';
import { answersDigest, readBackWalredo, type WalredoReadback } from './walredo-readback.ts';

/** A bundle of the run with what it said of itself. */
export interface OpenedBundle {
  readonly role: BundleFacts['role'];
  readonly bundle: Bundle;
  /** `postgres --version` by major. */
  readonly servers: ReadonlyMap<number, string>;
  readonly flavour: BundleFlavour;
}

/** A tape's answers out of one bundle on one host. */
export interface Replayed {
  readonly tape: Tape;
  readonly replay: Replay;
}

/** The compute image of a major, opened. */
export interface ComputeServer {
  /** As the user names it: `debian:12`, `npm:17.10`. */
  readonly name: string;
  readonly host: Host;
}

/** A compute image's own initdb of one case, and who it was. */
export interface VanillaRun {
  readonly run: InitdbRun;
  readonly image: string;
  /** As in `17.11`. */
  readonly serverVersion: string;
}

/** All that a run works with. */
export interface GateInputs {
  readonly plan: GatePlan;
  readonly hosts: ReadonlyMap<string, Host>;
  readonly candidate: OpenedBundle;
  readonly baseline: OpenedBundle | undefined;
  readonly openTape: (major: number, label: string) => Promise<Tape>;
  readonly openCompute: (major: number) => Promise<ComputeServer>;
  /** The bundle whose initdb made the data directories of the captures: the candidate, unless its initdb cannot. */
  readonly openInitdbBundle: (major: number) => Promise<Bundle>;
  readonly answerTimeoutMs: number;
  /** What was laid down about findings; undefined when nothing was. */
  readonly policy: PolicyFacts | undefined;
  /** What the candidate is held against; undefined where nothing is pinned. */
  readonly lock: OpenedLock | undefined;
  readonly log: EventSink;
  readonly reportDirectory: string;
  readonly progress: Progress;
}

/** What was made of one major on one host: by which key it is known, and its folders. */
interface Made {
  readonly key: string;
  readonly folders: readonly string[];
}

/** One run of the gate: its inputs, and the work that several checks share, done once. */
export class GateRun implements AsyncDisposable {
  /** What is examined in it, for whoever waits for outcomes. */
  readonly checks = new CheckQueue(this);
  readonly #inputs: GateInputs;
  readonly #scratch: TemporaryDirectory;
  readonly #shared = new Map<string, Promise<unknown>>();
  readonly #ofHosts = new Map<string, Made[]>();
  #lanes: Promise<unknown> = Promise.resolve();
  #isOver = false;

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
    return this.#once(`tape ${String(major)} ${label}`, () => this.#inputs.openTape(major, label));
  }

  /** What lies in a bundle, looked at once. */
  inventory({ role, bundle }: OpenedBundle): Promise<BundleInventory> {
    return this.#once(`inventory ${role}`, async () => {
      this.#inputs.progress(`inventory of the ${role}`);
      return takeInventory(bundle.layout, new FolderTree(bundle.directory));
    });
  }

  /** The files of one major of a bundle, as its programs see them on a host. */
  files(opened: OpenedBundle, major: number, hostName: string): Promise<MajorFiles> {
    const { role, bundle } = opened;
    const leansOn = bundle.layout === 'pg-install' ? hostName : '';
    return this.#once(`files ${role} ${String(major)} ${leansOn}`, async () => {
      const inventory = await this.inventory(opened);
      return majorFiles(inventory, major, leansOn === '' ? undefined : await this.#hostTree(leansOn));
    });
  }

  #hostTree(name: string): Promise<FolderTree> {
    return this.#once(`tree of ${name}`, async () => {
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
  replayed(
    { role, bundle }: OpenedBundle,
    major: number,
    hostName: string,
    label: string,
  ): Promise<Replayed> {
    const id = `${role}-pg${String(major)}-${fileName(hostName)}-${label}`;
    const directory = join(this.#scratch.path, id);
    const inout = join(this.#scratch.path, `${id}-inout`);
    this.#note(major, hostName, { key: `replay ${id}`, folders: [directory, inout] });
    return this.#once(`replay ${id}`, async () => {
      const tape = await this.tape(major, label);
      await mkdir(directory);
      const answersBytes = tape.index.length * walredoPageSizeBytes;
      await requireFreeSpace(directory, answersBytes, `replaying the tape "${label}"`);
      this.#inputs.progress(
        `replay ${String(major)} on ${hostName}`,
        `${label}: ${String(tape.index.length)} pages`,
      );
      const result = await replay({
        host: this.host(hostName),
        launch: await launchWalredo(bundle, major, inout),
        requestsPath: tape.requestsPath,
        index: tape.index,
        directory,
        answerTimeoutMs: this.#inputs.answerTimeoutMs,
      }).catch((error: unknown) => {
        throw role === 'baseline' ? baselineFault(error) : error;
      });
      if (result.faults.length > 0) {
        // A walredo that cannot write its answers ends like a broken one, and is not to blame.
        const answered = result.runs.reduce((sum, run) => sum + run.pages, 0);
        const missingBytes = Math.max(1, tape.index.length - answered) * walredoPageSizeBytes;
        await requireFreeSpace(directory, missingBytes, `what is left of replaying the tape "${label}"`);
      }
      return { tape, replay: result };
    });
  }

  /** The compute image of a major. */
  compute(major: number): Promise<ComputeServer> {
    return this.#once(`compute ${String(major)}`, () => this.#inputs.openCompute(major));
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
    this.#note(major, hostName, { key: name, folders: [inout] });
    return this.#once(name, async () => {
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
    return this.#once(name, async () => {
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
    return this.#once(`foreign ${String(major)} ${tree.clusterDigest()}`, async () => {
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
    this.#note(major, hostName, { key: name, folders: [directory] });
    return this.#once(name, async () => {
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
    return this.#once(`initdb of captures ${String(major)}`, async () => {
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
    this.#note(major, hostName, { key: name, folders: [inout] });
    return this.#once(name, async () => {
      const { dataDirectory } = await this.initdb(opened, major, hostName);
      return readBundleBuild(opened.bundle, major, this.host(hostName), dataDirectory, inout);
    });
  }

  /** The candidate's programs of all majors under the RFC's oldest kernel, in one go. */
  kernelFloor(): Promise<FloorRun> {
    return this.#once('kernel floor', () =>
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

  /**
   * Starts what later checks will ask for, as many at a time as there are cores, while earlier ones compare. What fails
   * here fails again where it is asked for.
   */
  ahead(works: readonly (() => Promise<unknown>)[]): void {
    const waiting = [...works];
    const lane = async (): Promise<void> => {
      for (let work = waiting.shift(); work !== undefined && !this.#isOver; work = waiting.shift()) {
        try {
          await work();
        } catch {
          // Whoever asks for it gets the same error.
        }
      }
    };
    const lanes = Array.from({ length: availableParallelism() }, lane);
    this.#lanes = Promise.all([this.#lanes, ...lanes]);
  }

  /** Gives back what was made of a major on a host: nobody asks for it any more, or it is made anew. */
  async release(major: number, hostName: string): Promise<void> {
    const owner = `${String(major)} ${hostName}`;
    for (const { key, folders } of this.#ofHosts.get(owner) ?? []) {
      await this.#shared.get(key)?.catch(() => undefined);
      this.#shared.delete(key);
      for (const folder of folders) await rm(folder, { recursive: true, force: true });
    }
    this.#ofHosts.delete(owner);
    forgetShared(this, major, hostName);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#lanes;
    await this.#scratch[Symbol.asyncDispose]();
  }

  #note(major: number, hostName: string, made: Made): void {
    if (this.#shared.has(made.key)) return;
    const owner = `${String(major)} ${hostName}`;
    this.#ofHosts.set(owner, [...(this.#ofHosts.get(owner) ?? []), made]);
  }

  #once<T>(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#shared.get(key);
    if (known !== undefined) return known as Promise<T>;
    const made = make();
    this.#shared.set(key, made);
    return made;
  }
}

/** A baseline that does not start is no fault of the candidate's. */
function baselineFault(error: unknown): unknown {
  const failure = launchFailure(error);
  if (failure === undefined) return error;
  return new RedoubtError('infrastructure', 'baseline-unanswered', `the baseline bundle: ${failure}`, {
    remedy: 'Name another --baseline, or hosts on which it runs.',
  });
}

function fileName(text: string): string {
  return text.replaceAll(/[^a-z0-9.]+/gi, '-');
}
