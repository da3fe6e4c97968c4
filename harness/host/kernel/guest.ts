import { chown, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { RedoubtError } from '../../error.ts';
import { openChrootHost } from '../chroot/chroot-host.ts';
import type { CompletedProcess, Host } from '../engine.ts';
import { diskFull, requireFreeSpace } from '../machine/free-space.ts';
import { diskUsageBytes } from '../disk-usage.ts';
import type { Progress } from '../progress.ts';
import { floorKernelRecipe, floorKernelRelease } from '../debian/recipes.ts';
import { removeTree } from '../remove-tree.ts';
import { ensureRoot } from '../root.ts';
import { folderOfTask, guestInitramfs, type GuestTask } from './guest-boot.ts';
import { guestFault } from './guest-fault.ts';
import { GuestFolders } from './guest-folders.ts';
import { type GuestOutcome, readOutcome } from './guest-outcome.ts';

export interface GuestOptions {
  /** The root in which the processes run, unless they are chrooted into a folder of their own. */
  readonly root: string;
  /** Run one after the other. */
  readonly tasks: readonly GuestTask[];
  /** An empty folder for what goes in and comes out. */
  readonly directory: string;
  readonly progress: Progress;
}

export interface GuestRun {
  /** `Linux 5.10.0-32-cloud-amd64 #1 SMP Debian 5.10.223-1 (2024-08-10)`: uname of the kernel that ran the tasks. */
  readonly kernel: string;
  /** By the name of the task. */
  readonly outcomes: ReadonlyMap<string, GuestOutcome>;
}

/** As whom the chroot engine runs what it is not told otherwise. */
const unprivilegedId = 65_534;
const mebibyte = 2 ** 20;
const guestMemoryMiB = 1024;
/** The emulator itself, its translated code, and page tables. */
const emulatorMemoryBytes = 768 * mebibyte;
const bootTimeMs = 120_000;
/** Of the disk for results; it is sparse. */
const resultBytes = 4096 * mebibyte;
const imageLimits = { wallTimeMs: 300_000, memoryBytes: 1024 * mebibyte, processes: 64 };

/**
 * Runs processes under Debian 11's Linux 5.10 in an emulated machine, each in the same surroundings as the chroot engine
 * gives it on the machine's own kernel. The emulator runs unprivileged in a root of its own and ends with this process.
 * @throws RedoubtError of kind infrastructure when the guest did not run all tasks to their end: `guest-panicked`,
 *   `guest-hung`, `guest-failed`, or what making roots and starting processes throws.
 */
export async function runInGuest(options: GuestOptions): Promise<GuestRun> {
  const { tasks, directory, progress } = options;
  const kernelRoot = await ensureRoot(floorKernelRecipe(), progress);
  const folders = new GuestFolders();
  const boot = await guestInitramfs(kernelRoot.path, options.root, tasks, folders, progress);
  await using host = await openChrootHost(kernelRoot.name, kernelRoot.path, progress);
  const disks = join(directory, 'disks');
  await mkdir(disks);
  await writeFile(join(disks, 'initramfs'), boot);
  for (const [index, source] of folders.sources.entries()) await makeImage(host, source, disks, index);
  await writeFile(join(disks, 'results'), '');
  await truncate(join(disks, 'results'), resultBytes);
  await chown(join(disks, 'results'), unprivilegedId, unprivilegedId);
  const completed = await emulate(host, disks, folders.sources.length, tasks);
  const results = await takeResults(host, directory);
  await removeTree(disks);
  if (!existsSync(join(results, 'done'))) throw guestFault(completed);
  const kernel = (await readFile(join(results, 'kernel'), 'utf8')).trim();
  const outcomes = tasks.map(
    async (task, index) =>
      [task.name, await readOutcome(join(results, folderOfTask(task, index)), kernelRoot.name)] as const,
  );
  return { kernel, outcomes: new Map(await Promise.all(outcomes)) };
}

/** An ext4 image of a folder of the machine; what is not data in it is a hole. */
async function makeImage(host: Host, source: string, disks: string, index: number): Promise<void> {
  const usedBytes = await diskUsageBytes(source);
  await requireFreeSpace(disks, usedBytes * 1.2, 'the disk image of an emulated machine');
  const mebibytes = Math.ceil((usedBytes * 2) / mebibyte) + 256;
  const { ending, stderr } = await host.run({
    argv: [
      '/sbin/mke2fs',
      ...words('-q -t ext4 -O ^has_journal -m 0 -i 8192 -d /source'),
      `/disks/${String(index)}`,
      `${String(mebibytes)}M`,
    ],
    uid: 0,
    gid: 0,
    mounts: [
      { source, target: '/source', readOnly: true },
      { source: disks, target: '/disks', readOnly: false },
    ],
    systemMounts: true,
    limits: imageLimits,
  });
  if (ending.kind === 'exited' && ending.exitCode === 0) return;
  throw new RedoubtError(
    'infrastructure',
    'image-failed',
    `cannot make a disk image of ${source}: ${stderr.trim().slice(-500)}`,
    { details: { source, ending: JSON.stringify(ending) } },
  );
}

function emulate(
  host: Host,
  disks: string,
  folders: number,
  tasks: readonly GuestTask[],
): Promise<CompletedProcess> {
  const images = Array.from({ length: folders }, (_, index) => `${String(index)},readonly=on`);
  return host.run({
    argv: [
      '/usr/bin/qemu-system-x86_64',
      ...words(`-accel tcg -cpu max -smp 1 -m ${String(guestMemoryMiB)}`),
      ...words('-nodefaults -no-user-config -display none -serial stdio -no-reboot'),
      ...words(`-kernel /boot/vmlinuz-${floorKernelRelease} -initrd /disks/initramfs`),
      '-append',
      // Nobody attacks this kernel but the bundle, which has the machine to itself.
      `console=ttyS0 quiet panic=-1 mitigations=off redoubt.folders=${String(folders)}`,
      ...['results', ...images].flatMap((file) =>
        words(`-drive if=virtio,format=raw,cache=unsafe,file=/disks/${file}`),
      ),
    ],
    env: { PATH: '/usr/bin', HOME: '/tmp' },
    mounts: [{ source: disks, target: '/disks', readOnly: false }],
    systemMounts: true,
    limits: {
      wallTimeMs: tasks.reduce((sum, { wallTimeMs }) => sum + wallTimeMs, bootTimeMs),
      memoryBytes: guestMemoryMiB * mebibyte + emulatorMemoryBytes,
      processes: 64,
    },
  });
}

/**
 * Unpacks what the guest wrote on its disk, as somebody without rights, in the root of the kernel. A guest that was cut
 * off left an archive that is cut off. Throws `disk-full`.
 */
async function takeResults(host: Host, directory: string): Promise<string> {
  const results = join(directory, 'results');
  await mkdir(results);
  await chown(results, unprivilegedId, unprivilegedId);
  const { stderr } = await host.run({
    argv: ['/bin/tar', '--extract', '--directory=/results', '--file=/disks/results'],
    mounts: [
      { source: join(directory, 'disks'), target: '/disks', readOnly: true },
      { source: results, target: '/results', readOnly: false },
    ],
    limits: imageLimits,
  });
  if (stderr.includes('No space left on device'))
    throw diskFull(directory, 'there is no room for what an emulated machine made');
  return results;
}

function words(text: string): readonly string[] {
  return text.split(' ');
}
