import { access, constants, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { LimitMechanism } from '../engine.ts';
import { ownerToken } from '../owner.ts';

/** Where this machine's control groups can be made; `rlimit` says that they cannot. */
export interface ControlGroups {
  readonly mechanism: LimitMechanism;
  /** Folders in which a group for memory, and one for the number of processes, can be made. */
  readonly memoryParent: string | undefined;
  readonly pidsParent: string | undefined;
}

/** A mounted cgroup hierarchy: v2, or v1 with its controllers. */
export interface Hierarchy {
  readonly version: 1 | 2;
  readonly mountPoint: string;
  readonly controllers: readonly string[];
}

let found: Promise<ControlGroups> | undefined;
let groupsMade = 0;

/** Finds once how limits can be put on processes: v2 when it has the memory controller, else v1, else rlimits. */
export function controlGroups(): Promise<ControlGroups> {
  found ??= findControlGroups();
  return found;
}

/** A name for one process's groups that tells its owner, so that those of dead runs can be found. */
export function groupName(): string {
  groupsMade += 1;
  return `redoubt-${ownerToken()}-${groupsMade.toString(36)}`;
}

/** The cgroup hierarchies in the text of /proc/self/mounts. */
export function parseHierarchies(mounts: string): readonly Hierarchy[] {
  return mounts.split('\n').flatMap((line): readonly Hierarchy[] => {
    const [, mountPoint = '', type, options = ''] = line.split(' ');
    if (type === 'cgroup2') return [{ version: 2, mountPoint, controllers: [] }];
    if (type === 'cgroup') return [{ version: 1, mountPoint, controllers: options.split(',') }];
    return [];
  });
}

async function findControlGroups(): Promise<ControlGroups> {
  const hierarchies = parseHierarchies(await readFile('/proc/self/mounts', 'utf8'));
  for (const { version, mountPoint } of hierarchies) {
    if (version === 2 && (await enablesControllers(mountPoint))) {
      return { mechanism: 'cgroup-v2', memoryParent: mountPoint, pidsParent: mountPoint };
    }
  }
  const memoryParent = await usableV1(hierarchies, 'memory');
  const pidsParent = await usableV1(hierarchies, 'pids');
  return { mechanism: memoryParent === undefined ? 'rlimit' : 'cgroup-v1', memoryParent, pidsParent };
}

/** Whether groups made in this v2 hierarchy get the memory and pids controllers; they are turned on when they are off. */
async function enablesControllers(mountPoint: string): Promise<boolean> {
  try {
    const available = (await readFile(join(mountPoint, 'cgroup.controllers'), 'utf8')).split(/\s+/);
    if (!['memory', 'pids'].every((controller) => available.includes(controller))) return false;
    const enabledPath = join(mountPoint, 'cgroup.subtree_control');
    const enabled = (await readFile(enabledPath, 'utf8')).split(/\s+/);
    const wanted = ['memory', 'pids'].filter((controller) => !enabled.includes(controller));
    if (wanted.length > 0)
      await writeFile(enabledPath, wanted.map((controller) => `+${controller}`).join(' '));
    return await canMakeGroup(mountPoint);
  } catch {
    // A container's own root group often refuses this; the next mechanism is then the answer, and the result says so.
    return false;
  }
}

async function usableV1(hierarchies: readonly Hierarchy[], controller: string): Promise<string | undefined> {
  const hierarchy = hierarchies.find(
    ({ version, controllers }) => version === 1 && controllers.includes(controller),
  );
  if (hierarchy === undefined) return undefined;
  return (await canMakeGroup(hierarchy.mountPoint)) ? hierarchy.mountPoint : undefined;
}

async function canMakeGroup(parent: string): Promise<boolean> {
  const probe = join(parent, groupName());
  try {
    await access(parent, constants.W_OK);
    await mkdir(probe);
    await rmdir(probe);
    return true;
  } catch {
    return false;
  }
}
