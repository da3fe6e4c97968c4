import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { startChrootProcess, type ChrootProcess } from '../../../harness/host/chroot/chroot-process.ts';
import { encodeSpec } from '../../../harness/host/chroot/chroot-spec.ts';
import { type ControlGroups, controlGroups, groupName } from '../../../harness/host/chroot/control-groups.ts';
import type { ProcessSpec } from '../../../harness/host/engine.ts';
import { ensureHelper } from '../../../harness/host/helper.ts';
import { silent } from '../../../harness/host/progress.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../../harness/host/run-directory.ts';
import { debianRoot } from './shared-host.ts';

/** A control group of little memory, in which processes have groups of their own with more: as a machine that runs out of it. */
export class SmallMemory implements AsyncDisposable {
  readonly #stage: TemporaryDirectory;
  readonly #groups: ControlGroups;
  readonly #path: string;

  private constructor(stage: TemporaryDirectory, groups: ControlGroups, path: string) {
    this.#stage = stage;
    this.#groups = groups;
    this.#path = path;
  }

  /** Undefined on a machine without control groups, where nothing tells who killed. */
  static async open(bytes: number): Promise<SmallMemory | undefined> {
    const groups = await controlGroups();
    if (groups.memoryParent === undefined) return undefined;
    const path = join(groups.memoryParent, groupName());
    await mkdir(path);
    if (groups.mechanism === 'cgroup-v2') {
      await writeFile(join(path, 'cgroup.subtree_control'), '+memory +pids');
      await writeFile(join(path, 'memory.max'), String(bytes));
      await writeFile(join(path, 'memory.swap.max'), '0').catch(() => {});
    } else {
      await writeFile(join(path, 'memory.limit_in_bytes'), String(bytes));
      await writeFile(join(path, 'memory.memsw.limit_in_bytes'), String(bytes)).catch(() => {});
    }
    return new SmallMemory(await temporaryDirectory('a machine of little memory'), groups, path);
  }

  /** Starts a shell script whose own limit is a gibibyte. */
  async start(script: string): Promise<ChrootProcess> {
    const spec: ProcessSpec = { argv: ['/bin/sh', '-c', script], limits: { memoryBytes: 2 ** 30 } };
    const encodedSpec = encodeSpec(spec, {
      root: (await debianRoot()).path,
      stage: this.#stage.path,
      harnessPid: process.pid,
      groups: { ...this.#groups, memoryParent: this.#path },
      groupName: groupName(),
    });
    const helper = await ensureHelper(silent);
    return startChrootProcess({
      helper,
      encodedSpec,
      spec,
      pipeLimitBytes: undefined,
      hostName: 'debian:12',
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rmdir(this.#path);
    await this.#stage[Symbol.asyncDispose]();
  }
}
