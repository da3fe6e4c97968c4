import { execa } from 'execa';
import { join } from 'node:path';

import type { CommandOutcome } from '../../support/redoubt-command.ts';

const launcher = join(import.meta.dirname, '../../../redoubt');

/** `$1` size, `$2` mount point, `$3` where to list what is left, then the command. */
const script =
  'mount -t tmpfs -o size="$1" redoubt-test "$2" || exit 99; left=$3; at=$2; shift 3; "$@"; code=$?; find "$at" -mindepth 1 > "$left"; exit $code';

/**
 * Runs `./redoubt` where `mountPoint` is a disk of `sizeKib`, seen by it alone: the mount ends with it. The paths that are
 * left on that disk in the end are written to the file `leftPath`.
 */
export async function redoubtOnSmallDisk(
  disk: { readonly sizeKib: number; readonly mountPoint: string; readonly leftPath: string },
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandOutcome> {
  const { sizeKib, mountPoint, leftPath } = disk;
  const { exitCode, stdout, stderr } = await execa(
    'unshare',
    ['--mount', 'sh', '-c', script, 'sh', `${String(sizeKib)}k`, mountPoint, leftPath, launcher, ...words],
    { reject: false, env, stdin: 'ignore' },
  );
  return { exitCode, stdout, stderr };
}
