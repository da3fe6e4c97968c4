import { join } from 'node:path';

import { RedoubtError } from '../../error.ts';
import { publishBeside } from '../../host/publish-beside.ts';
import { versionWord } from '../launch.ts';
import type { BuildOptions, BuiltBundle } from '../reference/build.ts';
import { writeTarball } from '../reference/tarball.ts';
import type { TreeEntry } from '../reference/tree-entry.ts';
import { ensureStaticPrograms } from './static-programs.ts';

/** The majors that a static bundle can be built of. */
export const staticMajors: readonly number[] = [15];

/**
 * Builds a bundle of variant 1 of the RFC, exactly as it is written: `vNN/initdb` and `vNN/postgres`, fully static, and
 * nothing else. Its walredo is whole; its initdb is what such a build gives: it starts, and then needs what two programs
 * alone do not have (see suites/contract/static.suite.ts). The same packages give the same bytes. Throws `usage` for other
 * majors and for images, `infrastructure` when the build fails.
 */
export async function buildStatic({
  majors,
  images = [],
  out,
  progress,
}: BuildOptions): Promise<BuiltBundle> {
  const others = majors.filter((major) => !staticMajors.includes(major));
  if (others.length > 0 || images.length > 0) {
    throw new RedoubtError(
      'usage',
      'no-static-server',
      others.length > 0
        ? `there is no static build of PostgreSQL ${others.join(', ')}`
        : 'a static server is built from source: no image can be put into it',
      { remedy: `Majors of a static bundle: --pg ${staticMajors.join(',')}.` },
    );
  }
  const entries: TreeEntry[] = [];
  for (const major of majors) {
    const programs = await ensureStaticPrograms(major, progress);
    for (const name of ['initdb', 'postgres'])
      entries.push({
        kind: 'file',
        path: `${versionWord(major)}/${name}`,
        source: { kind: 'path', path: join(programs, name) },
        executable: true,
      });
  }
  progress('static bundle', 'writing the tarball');
  const digest = await publishBeside(out, (partial) => writeTarball(entries, partial));
  return { path: out, digest, majors };
}
