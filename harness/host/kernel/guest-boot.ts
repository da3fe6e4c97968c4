import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { encodeSpec } from '../chroot/chroot-spec.ts';
import type { Mount } from '../engine.ts';
import { ensureHelper } from '../helper.ts';
import { ensureNativeProgram, type NativeProgram } from '../native-program.ts';
import type { Progress } from '../progress.ts';
import { floorKernelModules, floorKernelRelease } from '../debian/recipes.ts';
import type { FolderedSpec, GuestFolders } from './guest-folders.ts';
import { initramfs, type InitramfsEntry } from './initramfs.ts';

/** One process in the guest; it has an empty `/inout` that it may write to. */
export interface GuestTask {
  /** Of letters, digits and `-`. */
  readonly name: string;
  readonly launch: FolderedSpec;
  /** A file of the machine for its standard input, held in the guest's memory. */
  readonly stdinPath?: string;
  readonly wallTimeMs: number;
}

const guestInit: NativeProgram = {
  name: 'guest-init',
  sourceDirectory: join(import.meta.dirname, 'native'),
};

/** Of what a task's process writes to one file. */
const taskOutputBytes = 256 * 2 ** 20;

/** The folder of a task in the guest and in what it hands over. */
export function folderOfTask({ name }: GuestTask, index: number): string {
  return `${String(index).padStart(2, '0')}-${name}`;
}

/**
 * The initramfs from which the guest boots: its init, the kernel's modules, the chroot engine's helper, and the tasks.
 * The folders that they need are added to `folders`; processes run in `root`, unless they are chrooted elsewhere.
 */
export async function guestInitramfs(
  kernelRoot: string,
  root: string,
  tasks: readonly GuestTask[],
  folders: GuestFolders,
  progress: Progress,
): Promise<Buffer> {
  const programs = {
    init: await ensureNativeProgram(guestInit, progress),
    'in/enter': await ensureHelper(progress),
  };
  const entries: InitramfsEntry[] = ['dev', 'proc', 'modules', 'in', 'in/tasks'].map((path) => ({
    kind: 'folder',
    path,
  }));
  entries.push({ kind: 'device', path: 'dev/console', numbers: [5, 1] });
  for (const [path, source] of Object.entries(programs))
    entries.push({ kind: 'file', path, bytes: await readFile(source), executable: true });
  for (const [index, module] of floorKernelModules.entries()) {
    const source = join(kernelRoot, 'lib/modules', floorKernelRelease, 'kernel', `${module}.ko`);
    const name = `${String(index).padStart(2, '0')}-${module.replace(/^.*\//, '')}.ko`;
    entries.push(file(`modules/${name}`, await readFile(source)));
  }
  for (const [index, task] of tasks.entries()) {
    const folder = folderOfTask(task, index);
    entries.push(file(`in/tasks/${folder}`, taskSpec(task, folder, root, folders)));
    if (task.stdinPath !== undefined) entries.push(file(stdinOf(folder), await readFile(task.stdinPath)));
  }
  return initramfs(entries);
}

function taskSpec(task: GuestTask, folder: string, root: string, folders: GuestFolders): Buffer {
  const { mounts = [], ...placed } = folders.placed(task.launch);
  const inout: Mount = { source: `/work/${folder}/inout`, target: '/inout', readOnly: false };
  return encodeSpec(
    {
      ...placed,
      mounts: [...mounts, inout],
      stdin: task.stdinPath === undefined ? { kind: 'null' } : { kind: 'file', path: `/${stdinOf(folder)}` },
      stdout: { kind: 'file', path: `/work/${folder}/stdout` },
      stderr: { kind: 'file', path: `/work/${folder}/stderr` },
      limits: { wallTimeMs: task.wallTimeMs, outputBytes: taskOutputBytes },
    },
    {
      root: folders.placeOf(root),
      stage: '/stage',
      harnessPid: 1,
      groups: { mechanism: 'rlimit', memoryParent: undefined, pidsParent: undefined },
      groupName: 'guest',
    },
  );
}

function stdinOf(folder: string): string {
  return `in/${folder}.stdin`;
}

function file(path: string, bytes: Buffer): InitramfsEntry {
  return { kind: 'file', path, bytes, executable: false };
}
