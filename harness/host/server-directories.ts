import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';

import { isElf } from './elf/elf-image.ts';
import { resolveInRoot } from './resolve-in-root.ts';

/** Where distributions put the server's programs; `%` stands for the major. */
export const programDirectories: readonly string[] = [
  '/usr/lib/postgresql/%/bin', // Debian, Ubuntu
  '/usr/pgsql-%/bin', // PGDG's packages for the RHEL family
  '/usr/lib/postgresql%/bin', // SUSE
  '/usr/libexec/postgresql%', // Alpine's packages
  '/usr/local/pgsql/bin', // PostgreSQL's own default prefix
  '/usr/local/bin', // docker-library, Neon's compute image
  '/usr/bin',
];

/** The majors that are looked for. */
const knownMajors: readonly number[] = [13, 14, 15, 16, 17, 18, 19];

/** What `postgres --version` prints, as the program has it in itself (PG_BACKEND_VERSIONSTR, main.c). */
const versionWords = /postgres \(PostgreSQL\) (\d+)/;

/** A server's program as it lies in a root; nothing was run. */
export interface PlacedServer {
  readonly major: number;
  /** The directory inside the root that holds `postgres`. */
  readonly directory: string;
  readonly program: Buffer;
}

/** Every directory in which a server may be, in the order in which they are looked at. */
export function everyProgramDirectory(): readonly string[] {
  return programDirectories.flatMap((pattern) =>
    pattern.includes('%') ? knownMajors.map((major) => pattern.replace('%', String(major))) : [pattern],
  );
}

/** The servers of a root by their own files, wherever distributions put them. */
export async function placedServers(root: string): Promise<readonly PlacedServer[]> {
  const servers: PlacedServer[] = [];
  for (const directory of everyProgramDirectory()) {
    const path = join(root, await resolveInRoot(root, posix.join(directory, 'postgres')));
    const program = await readFile(path).catch(() => undefined);
    if (program === undefined || !isElf(program)) continue;
    const major = versionWords.exec(program.toString('latin1'))?.[1];
    if (major !== undefined) servers.push({ major: Number(major), directory, program });
  }
  return servers;
}

/** The server of the highest major in a root; undefined where there is none. */
export async function newestPlacedServer(root: string): Promise<PlacedServer | undefined> {
  const servers = await placedServers(root);
  return servers.toSorted((one, other) => other.major - one.major)[0];
}
