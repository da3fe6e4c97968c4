import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { RedoubtError } from '../error.ts';
import type { ProcessSpec } from '../host/engine.ts';
import type { Bundle } from './open.ts';

/** What of a process a bundle decides; limits, streams and the mount of `/inout` are the caller's. */
export type BundleLaunch = Pick<ProcessSpec, 'argv' | 'env' | 'chroot' | 'mounts'>;

/** Where a bundle that is not chrooted into appears in the host's root. */
export const bundleMountPoint = '/bundle';

/** How the interface between the teams names a major, in folders and to LAUNCHER. */
export function versionWord(major: number): string {
  return `v${major}`;
}

/**
 * How to start one of a bundle's programs, as a pageserver does: a chroot bundle through `/LAUNCHER VERSION PG_BINARY`,
 * the others straight from the bundle, mounted read-only in the host's root. The environment is empty but for what a
 * pageserver sets. `version` is the word for the major, where others use another one. Throws `major-missing` for a
 * folder that is not there; what a LAUNCHER has shows only when it runs.
 */
export function launch(
  bundle: Bundle,
  major: number,
  program: string,
  flags: readonly string[],
  version: string = versionWord(major),
): BundleLaunch {
  switch (bundle.layout) {
    case 'chroot':
      return {
        argv: ['/LAUNCHER', version, program, ...flags],
        env: {},
        chroot: bundle.directory,
        mounts: [],
      };
    case 'static':
      return direct(bundle, version, program, flags, {});
    case 'pg-install':
      return direct(bundle, version, `bin/${program}`, flags, {
        LD_LIBRARY_PATH: `${bundleMountPoint}/${version}/lib`,
      });
  }
}

/** The error for a bundle that has no such major; `known` are those that it has, if that is known. */
export function majorMissing(bundle: Bundle, version: string, known: readonly number[] = []): RedoubtError {
  const has = known.length === 0 ? '' : `; it has ${known.map(versionWord).join(', ')}`;
  return new RedoubtError('usage', 'major-missing', `the bundle ${bundle.source} has no ${version}${has}`, {
    remedy: 'Leave that major out (--pg), or give a bundle that has it.',
    details: { bundle: bundle.source, version, known: known.map(String) },
  });
}

function direct(
  bundle: Bundle,
  version: string,
  relative: string,
  flags: readonly string[],
  env: Readonly<Record<string, string>>,
): BundleLaunch {
  if (!existsSync(join(bundle.directory, version))) throw majorMissing(bundle, version);
  return {
    argv: [`${bundleMountPoint}/${version}/${relative}`, ...flags],
    env,
    mounts: [{ source: bundle.directory, target: bundleMountPoint, readOnly: true }],
  };
}
