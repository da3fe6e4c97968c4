import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';

import { readElfDynamic } from '../elf/elf-dynamic.ts';
import { resolveInRoot } from '../resolve-in-root.ts';
import { type PlacedServer, placedServers } from '../server-directories.ts';

/** Where a root has the libicu that its server uses. */
export interface IcuPlace {
  /** A path inside the root. */
  readonly directory: string;
  readonly major: number;
}

/** Where distributions put libraries; inside a root, without a leading slash. */
export const libraryDirectories: readonly string[] = [
  'usr/lib/x86_64-linux-gnu',
  'lib/x86_64-linux-gnu',
  'usr/lib/aarch64-linux-gnu',
  'lib/aarch64-linux-gnu',
  'usr/lib64',
  'lib64',
  'usr/lib',
  'lib',
];

const icuPattern = /^libicui18n\.so\.(\d+)$/;

/** The libraries that libicu consists of for a server, what the others need first. */
export const icuLibraries: readonly string[] = ['icudata', 'icuuc', 'icui18n'];

/** The libicu of a root: the one that a server in it is linked against, else the distribution's. */
export async function icuOfRoot(root: string): Promise<IcuPlace | undefined> {
  for (const server of await placedServers(root)) {
    const place = await icuOfServer(root, server);
    if (place !== undefined) return place;
  }
  for (const each of libraryDirectories) {
    const place = await icuIn(root, each);
    if (place !== undefined) return place;
  }
  return undefined;
}

async function icuOfServer(
  root: string,
  { directory, program }: Pick<PlacedServer, 'directory' | 'program'>,
): Promise<IcuPlace | undefined> {
  const name = readElfDynamic(program).needed.find((each) => icuPattern.test(each));
  if (name === undefined) return undefined;
  const wanted = Number(icuPattern.exec(name)?.[1]);
  for (const each of [posix.join(directory, '../lib').slice(1), ...libraryDirectories]) {
    const files = await names(join(root, await resolveInRoot(root, each)));
    if (files.includes(name)) return { directory: posix.join('/', each), major: majorOf(files, wanted) };
  }
  return undefined;
}

/** The libicu in one folder of a root: the newest. Libraries that only forward to another major have no data. */
export async function icuIn(root: string, directory: string): Promise<IcuPlace | undefined> {
  const files = await names(join(root, await resolveInRoot(root, directory)));
  const major = majorOf(files, 0);
  return major === 0 ? undefined : { directory: posix.join('/', directory), major };
}

/** The major that was asked for where it is there whole, else the newest that is. */
function majorOf(files: readonly string[], wanted: number): number {
  const majors = files
    .flatMap((file) => icuPattern.exec(file)?.[1] ?? [])
    .filter((major) => files.includes(`libicudata.so.${major}`))
    .map(Number);
  return majors.includes(wanted) || majors.length === 0 ? wanted : Math.max(...majors);
}

async function names(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch(() => []);
}
