import { chmod, mkdir, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { RedoubtError } from '../../error.ts';
import { type ChrootProcess, type ContainerSteps, startChrootProcess } from '../chroot/chroot-process.ts';
import { encodeSpec } from '../chroot/chroot-spec.ts';
import { completed, defaultStdoutBytes } from '../completed-process.ts';
import type { CompletedProcess, Host, ProcessResult, ProcessSpec } from '../engine.ts';
import { ensureHelper } from '../helper.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { type Progress, silent } from '../progress.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../run-directory.ts';
import { RunningProcesses } from '../running-processes.ts';
import { systemError } from '../system-error.ts';
import { within } from '../within.ts';
import { containerOptions, linkName, type TopEntry } from './container-options.ts';
import { type Container, type DockerClient, unreachable } from './docker-client.ts';
import { ensureHostImage, type HostImage, type RootToImport } from './docker-image.ts';
import { limitProcesses } from './process-limit.ts';

const hearingTimeoutMs = 60_000;
const removalTimeoutMs = 10_000;
const removalRetryMs = 50;
/** How long the daemon may take to tell of a container's end when it has just refused to change it. */
const exitHearingMs = 5000;

/**
 * Opens the image of a root as a host: each process gets a container of its own, whose first process is the harness's own
 * helper. Standard streams go straight to it, past the daemon. Throws what importing the root and making the helper throw.
 */
export async function openDockerHost(
  root: RootToImport,
  client: DockerClient,
  progress: Progress = silent,
): Promise<Host> {
  const helper = await ensureHelper(progress);
  const image = await ensureHostImage(client.api, root, progress);
  return new DockerHost(root, client, image, helper, await temporaryDirectory('containers'));
}

class DockerHost implements Host {
  readonly engine = 'docker';
  readonly name: string;
  /** What the image was made of, or unpacked from it. */
  readonly rootPath: string;
  readonly #client: DockerClient;
  readonly #image: HostImage;
  readonly #helper: string;
  readonly #directory: TemporaryDirectory;
  readonly #running = new RunningProcesses();
  #started = 0;

  constructor(
    { name, path }: RootToImport,
    client: DockerClient,
    image: HostImage,
    helper: string,
    directory: TemporaryDirectory,
  ) {
    this.name = name;
    this.rootPath = path;
    this.#client = client;
    this.#image = image;
    this.#helper = helper;
    this.#directory = directory;
  }

  start(spec: ProcessSpec): Promise<ChrootProcess> {
    return this.#start(spec, spec.limits?.outputBytes);
  }

  async run(spec: ProcessSpec): Promise<CompletedProcess> {
    return completed(await this.#start(spec, spec.limits?.outputBytes ?? defaultStdoutBytes));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running[Symbol.asyncDispose]();
    await this.#image[Symbol.asyncDispose]();
    await this.#directory[Symbol.asyncDispose]();
  }

  async #start(spec: ProcessSpec, pipeLimitBytes: number | undefined): Promise<ChrootProcess> {
    throwIfInterrupted();
    this.#started += 1;
    const linkDirectory = join(this.#directory.path, String(this.#started));
    await mkdir(linkDirectory);
    // What runs in the container as somebody else must be able to pass through.
    await chmod(this.#directory.path, 0o755);
    const topEntries = spec.chroot === undefined ? [] : await readTopEntries(spec.chroot);
    const options = containerOptions(spec, {
      imageId: this.#image.id,
      hostName: this.name,
      helper: this.#helper,
      linkDirectory,
      isPodman: this.#client.isPodman,
      topEntries,
    });
    const { wallTimeMs, outputBytes } = spec.limits ?? {};
    const encodedSpec = encodeSpec(
      {
        ...spec,
        mounts: [],
        limits: {
          ...(wallTimeMs === undefined ? {} : { wallTimeMs }),
          ...(outputBytes === undefined ? {} : { outputBytes }),
        },
      },
      {
        root: '/',
        stage: '/',
        harnessPid: process.pid,
        groups: { mechanism: this.#client.mechanism, memoryParent: undefined, pidsParent: undefined },
        groupName: '',
        contained: {
          link: join(linkDirectory, linkName),
          chrootLinks: topEntries.flatMap((entry) =>
            entry.kind === 'link' ? [[entry.name, entry.destination] as const] : [],
          ),
        },
      },
    );
    const steps = new DockerSteps(this.#client, this.name, options, spec.limits?.processes);
    const running = await startChrootProcess({
      helper: this.#helper,
      encodedSpec,
      spec,
      pipeLimitBytes,
      hostName: this.name,
      container: steps,
    });
    await this.#running.add(running);
    return running;
  }
}

/** One container, from its making to its removal. */
class DockerSteps implements ContainerSteps {
  readonly #client: DockerClient;
  readonly #hostName: string;
  readonly #options: ReturnType<typeof containerOptions>;
  readonly #processes: number | undefined;
  #container: Container | undefined;

  constructor(
    client: DockerClient,
    hostName: string,
    options: ReturnType<typeof containerOptions>,
    processes: number | undefined,
  ) {
    this.#processes = processes;
    this.#client = client;
    this.#hostName = hostName;
    this.#options = options;
  }

  async enter(onExit: () => void): Promise<void> {
    try {
      this.#container = await this.#client.api.createContainer(this.#options);
      await this.#container.start();
    } catch (error) {
      throw this.#refusal(error);
    }
    const exit = this.#container.wait().then(onExit, onExit);
    try {
      // The engine's own programs have needed more until now; of the spec's processes, the first one counts, too.
      if (this.#processes !== undefined)
        await limitProcesses(this.#client, this.#container, this.#processes + 1);
    } catch (error) {
      // That of a container which is gone is no refusal: the supervisor tells its end, as if it had come a moment later.
      const isGone = await within(
        exit.then(() => true),
        exitHearingMs,
      );
      if (isGone === undefined) throw this.#refusal(error);
    }
  }

  async explainLoss(): Promise<ProcessResult | RedoubtError> {
    if (this.#container === undefined) return this.#lost('it was never made');
    try {
      const state = await endedState(this.#container);
      if (state.OOMKilled) return outOfMemory(this.#client.mechanism);
      const logs = (await this.#container.logs({ stdout: true, stderr: true, tail: 5 })).toString('utf8');
      const said = logs.replaceAll(/[^\x20-\x7e]+/g, ' ').trim();
      return this.#lost(`exit code ${String(state.ExitCode)}${said === '' ? '' : `, saying: ${said}`}`);
    } catch (error) {
      const { statusCode } = error as { readonly statusCode?: number };
      return statusCode === 404 ? this.#lost('somebody removed it') : unreachable(error);
    }
  }

  async leave(): Promise<void> {
    if (this.#container !== undefined) await removeForSure(this.#container);
  }

  #lost(why: string): RedoubtError {
    return new RedoubtError(
      'infrastructure',
      'container-lost',
      `the container of a process in ${this.#hostName} was ended from outside: ${why}`,
      {
        remedy: 'See who ends containers on this machine, and run again.',
        details: { host: this.#hostName },
      },
    );
  }

  #refusal(error: unknown): RedoubtError {
    const { statusCode, reason, json } = error as {
      readonly statusCode?: number;
      readonly reason?: string;
      readonly json?: { readonly message?: string };
    };
    if (statusCode === undefined) return unreachable(error);
    const why = json?.message ?? reason ?? String(error);
    const isFull = /no space left on device|disk quota exceeded/i.test(why);
    return new RedoubtError(
      'infrastructure',
      isFull ? 'disk-full' : 'setup-failed',
      `cannot start a container of ${this.#hostName}: ${why}`,
      {
        remedy: isFull ? 'Free some disk space.' : "The daemon's own words say what it lacks.",
        details: { host: this.#hostName },
        cause: error,
      },
    );
  }
}

/**
 * Removes a container, whatever state it is in. Whoever ended it may have removed it, and a daemon that is gone has taken it
 * along; podman fails for one that ends while it is being removed.
 */
async function removeForSure(container: Container): Promise<void> {
  const deadline = performance.now() + removalTimeoutMs;
  for (;;) {
    try {
      await container.remove({ force: true, v: true });
      return;
    } catch (error) {
      const { statusCode } = error as { readonly statusCode?: number };
      if (statusCode === undefined || statusCode === 404 || performance.now() > deadline) return;
    }
    await setTimeout(removalRetryMs);
  }
}

/** What the daemon says of a container whose first process is gone: it hears of that a moment later. */
async function endedState(container: Container): Promise<Awaited<ReturnType<Container['inspect']>>['State']> {
  const deadline = performance.now() + hearingTimeoutMs;
  for (;;) {
    const { State: state } = await container.inspect();
    if (!state.Running || performance.now() > deadline) return state;
    await setTimeout(20);
  }
}

/** The kernel chose the container's first process, which then could not tell. */
function outOfMemory(mechanism: ProcessResult['limitMechanism']): ProcessResult {
  return {
    ending: { kind: 'limited', limit: 'memory' },
    userCpuMs: 0,
    systemCpuMs: 0,
    peakRssBytes: 0,
    wallTimeMs: 0,
    limitMechanism: mechanism,
  };
}

/** What lies at the top of a folder that is to be a root; devices, sockets, fifos and its `dev` are left out. */
async function readTopEntries(directory: string): Promise<readonly TopEntry[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    const found = await Promise.all(
      entries.map(async (entry): Promise<readonly TopEntry[]> => {
        const { name } = entry;
        if (entry.isSymbolicLink())
          return [{ kind: 'link', name, destination: await readlink(join(directory, name)) }];
        return (entry.isDirectory() || entry.isFile()) && name !== 'dev' ? [{ kind: 'mountable', name }] : [];
      }),
    );
    return found.flat().toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw systemError(`cannot read ${directory}`, error);
  }
}
