import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { cacheDirectory } from '../cache.ts';
import { startChrootProcess, type ChrootProcess } from './chroot-process.ts';
import { encodeSpec } from './chroot-spec.ts';
import { completed, defaultStdoutBytes } from '../completed-process.ts';
import { type ControlGroups, controlGroups, groupName } from './control-groups.ts';
import type { CompletedProcess, Host, ProcessSpec } from '../engine.ts';
import { ensureHelper } from '../helper.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { requireRoot } from '../machine/prerequisites.ts';
import { type Progress, silent } from '../progress.ts';
import { RunningProcesses } from '../running-processes.ts';
import { systemError } from '../system-error.ts';

/**
 * Opens an unpacked root (any folder, an empty one too) as a host. Nothing runs until a process is started. Throws
 * `not-root`, and whatever making the native helper throws.
 */
export async function openChrootHost(
  name: string,
  rootPath: string,
  progress: Progress = silent,
): Promise<Host> {
  requireRoot('the chroot engine');
  const helper = await ensureHelper(progress);
  const stage = join(cacheDirectory(), 'stage');
  await mkdir(stage, { recursive: true }).catch((error: unknown) => {
    throw systemError(`cannot make the folder ${stage}`, error);
  });
  return new ChrootHost(name, rootPath, helper, stage, await controlGroups());
}

class ChrootHost implements Host {
  readonly engine = 'chroot';
  readonly name: string;
  readonly rootPath: string;
  readonly #helper: string;
  readonly #stage: string;
  readonly #groups: ControlGroups;
  readonly #running = new RunningProcesses();

  constructor(name: string, rootPath: string, helper: string, stage: string, groups: ControlGroups) {
    this.name = name;
    this.rootPath = rootPath;
    this.#helper = helper;
    this.#stage = stage;
    this.#groups = groups;
  }

  start(spec: ProcessSpec): Promise<ChrootProcess> {
    return this.#start(spec, spec.limits?.outputBytes);
  }

  async run(spec: ProcessSpec): Promise<CompletedProcess> {
    return completed(await this.#start(spec, spec.limits?.outputBytes ?? defaultStdoutBytes));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running[Symbol.asyncDispose]();
  }

  async #start(spec: ProcessSpec, pipeLimitBytes: number | undefined): Promise<ChrootProcess> {
    throwIfInterrupted();
    const encodedSpec = encodeSpec(spec, {
      root: this.rootPath,
      stage: this.#stage,
      harnessPid: process.pid,
      groups: this.#groups,
      groupName: groupName(),
    });
    const running = await startChrootProcess({
      helper: this.#helper,
      encodedSpec,
      spec,
      pipeLimitBytes,
      hostName: this.name,
    });
    await this.#running.add(running);
    return running;
  }
}
