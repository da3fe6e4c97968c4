import { readdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { parseHierarchies } from './control-groups.ts';
import { systemError } from '../system-error.ts';

const emptyTimeoutMs = 60_000;

/** Ends what still runs in a control group and in those below it, then removes them all. One that is gone is no error. */
export async function removeGroup(path: string): Promise<void> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    for (const entry of entries) if (entry.isDirectory()) await removeGroup(join(path, entry.name));
    const pids = (await readFile(join(path, 'cgroup.procs'), 'utf8')).split('\n').map(Number);
    // 0 stands for a process that cannot be seen from here, and to kill() means this one's own group.
    for (const pid of pids.filter((pid) => pid > 0)) endProcess(pid);
    await rmdirWhenEmpty(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ENOENT', 'ENODEV'].includes(code)) throw systemError(`cannot remove ${path}`, error);
  }
}

/** Removes the control groups of a name from every hierarchy of the machine. */
export async function removeGroupsNamed(name: string): Promise<void> {
  const hierarchies = parseHierarchies(await readFile('/proc/self/mounts', 'utf8'));
  for (const { mountPoint } of hierarchies) await removeGroup(join(mountPoint, name));
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Removes a control group; it is busy for a moment, on a loaded machine for a long one, after its last process was killed. */
async function rmdirWhenEmpty(path: string): Promise<void> {
  const deadline = performance.now() + emptyTimeoutMs;
  for (;;) {
    try {
      await rmdir(path);
      return;
    } catch (error) {
      const isBusy = (error as NodeJS.ErrnoException).code === 'EBUSY';
      if (!isBusy || performance.now() > deadline) throw error;
    }
    await setTimeout(10);
  }
}
