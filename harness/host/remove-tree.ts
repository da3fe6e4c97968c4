import { readFile, rm } from 'node:fs/promises';

import { execa } from 'execa';

import { systemError } from './system-error.ts';

/** Removes a folder and all in it; anything that is mounted inside is unmounted first, never emptied through. */
export async function removeTree(path: string): Promise<void> {
  for (const mountPoint of await mountsWithin(path)) await unmount(mountPoint);
  // What was killed may still write for a moment.
  await rm(path, { recursive: true, force: true, maxRetries: 5 }).catch((error: unknown) => {
    throw systemError(`cannot remove ${path}`, error);
  });
}

/** Unmounts a place, whoever still uses it; one where nothing is mounted any more is no error. */
export async function unmount(mountPoint: string): Promise<void> {
  try {
    await execa('umount', ['--lazy', mountPoint]);
  } catch (error) {
    if ((await mountsWithin(mountPoint)).includes(mountPoint))
      throw systemError(`cannot unmount ${mountPoint}`, error);
  }
}

/** Mount points at or below a path in this process's mount namespace, deepest first (proc(5), mountinfo, field 5). */
export async function mountsWithin(path: string): Promise<readonly string[]> {
  const mountinfo = await readFile('/proc/self/mountinfo', 'utf8');
  return mountinfo
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .map((field) =>
      field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    )
    .filter((mountPoint) => mountPoint === path || mountPoint.startsWith(`${path}/`))
    .toReversed();
}
