import { RedoubtError } from '../error.ts';
import type { Host } from '../host/engine.ts';
import { everyProgramDirectory, programDirectories } from '../host/server-directories.ts';

/** A server found in a compute image. */
export interface ServerProgram {
  /** The directory inside the image that holds `postgres` and `initdb`. */
  readonly directory: string;
  /** As in `15.20`, without the distributor's additions. */
  readonly version: string;
}

/** Every PostgreSQL server of an image, wherever distributions put it, by major; empty when it has none. */
export async function findServers(host: Host): Promise<ReadonlyMap<number, ServerProgram>> {
  const servers = new Map<number, ServerProgram>();
  for (const directory of everyProgramDirectory()) {
    const found = parseVersion(await askVersion(host, `${directory}/postgres`));
    if (found !== undefined && !servers.has(found.major))
      servers.set(found.major, { directory, version: found.version });
  }
  return servers;
}

/**
 * Finds PostgreSQL `major` in an image by asking `postgres --version` wherever distributions put it. Throws
 * `no-server-program` (infrastructure) naming what was found instead.
 */
export async function findServerProgram(host: Host, major: number): Promise<ServerProgram> {
  const seen: string[] = [];
  for (const pattern of programDirectories) {
    const directory = pattern.replace('%', String(major));
    const text = await askVersion(host, `${directory}/postgres`);
    if (text === undefined) continue;
    seen.push(`${directory}: ${text}`);
    const found = parseVersion(text);
    if (found?.major === major) return { directory, version: found.version };
  }
  throw new RedoubtError(
    'infrastructure',
    'no-server-program',
    `${host.name} has no PostgreSQL ${String(major)} server` +
      (seen.length === 0 ? '' : `, only ${seen.join('; ')}`),
    {
      remedy: `Use a compute image with the server of PostgreSQL ${String(major)}.`,
      details: { host: host.name, major, seen },
    },
  );
}

function parseVersion(
  text: string | undefined,
): { readonly major: number; readonly version: string } | undefined {
  const [, major = '', minor = ''] = /^postgres \(PostgreSQL\) (\d+)([.\w]*)/.exec(text ?? '') ?? [];
  return major === '' ? undefined : { major: Number(major), version: `${major}${minor}` };
}

/** What `PROGRAM --version` prints, or undefined when there is no such program. */
async function askVersion(host: Host, program: string): Promise<string | undefined> {
  try {
    const answer = await host.run({
      argv: [program, '--version'],
      env: { LC_ALL: 'C' },
      // A program that finds its libraries from where it lies itself ($ORIGIN) asks /proc where that is.
      systemMounts: true,
      limits: { wallTimeMs: 30_000, outputBytes: 64 * 1024 },
    });
    return answer.ending.kind === 'exited' && answer.ending.exitCode === 0
      ? answer.stdout.toString('utf8').trim()
      : undefined;
  } catch (error) {
    if (error instanceof RedoubtError && error.code === 'exec-failed') return undefined;
    throw error;
  }
}
