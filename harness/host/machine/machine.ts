import type { StatsFs } from 'node:fs';
import { readFile, statfs } from 'node:fs/promises';
import { arch, availableParallelism, freemem, release, totalmem } from 'node:os';
import { dirname } from 'node:path';

import { execa } from 'execa';

import { RedoubtError } from '../../error.ts';
import { debianMirror } from '../debian/apt-mirror.ts';
import { cacheDirectory } from '../cache.ts';
import { controlGroups } from '../chroot/control-groups.ts';
import { dockerFact } from '../docker/docker-fact.ts';
import { fact, type MachineFact } from './machine-fact.ts';
import { findProgram, isDebianLike, missingTools, tools } from './prerequisites.ts';

const gibibyte = 2 ** 30;
/** What all roots of the default run take, with room for their making. */
const wantedDiskBytes = 8 * gibibyte;
const wantedMemoryBytes = 2 * gibibyte;

/** What this machine can do and what it lacks, for `redoubt doctor`; nothing is installed or changed. */
export async function inspectMachine(): Promise<readonly MachineFact[]> {
  const [system, namespaces, limits, tools, docker, npm, mirror, disk] = await Promise.all([
    systemFact(),
    namespacesFact(),
    limitsFact(),
    toolsFact(),
    dockerFact(),
    npmFact(),
    mirrorFact(),
    diskFact(),
  ]);
  return [
    nodeFact(),
    userFact(),
    system,
    kernelFact(),
    namespaces,
    limits,
    tools,
    docker,
    npm,
    mirror,
    disk,
    memoryFact(),
    coresFact(),
  ];
}

function nodeFact(): MachineFact {
  const major = Number.parseInt(process.versions.node, 10);
  return fact(
    'node',
    major >= 24 ? 'ok' : 'missing',
    process.version,
    'Start Redoubt with ./redoubt, which finds a Node of 24 or newer.',
  );
}

function userFact(): MachineFact {
  const uid = process.geteuid?.();
  return fact(
    'user',
    uid === 0 ? 'ok' : 'missing',
    uid === 0 ? 'root' : `uid ${uid}`,
    'Run as root: the chroot engine makes namespaces and mounts.',
  );
}

async function systemFact(): Promise<MachineFact> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const name = /^PRETTY_NAME="?([^"\n]*)/m.exec(text)?.[1] ?? process.platform;
  const status = (await isDebianLike()) ? 'ok' : 'degraded';
  return fact(
    'system',
    status,
    `${name}, ${arch()}`,
    'Not Debian: install the tools by hand; roots need apt and mmdebstrap.',
  );
}

function kernelFact(): MachineFact {
  const version = release();
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const isEnough = process.platform === 'linux' && (major > 5 || (major === 5 && minor >= 10));
  return fact('kernel', isEnough ? 'ok' : 'missing', version, 'Linux 5.10 or newer is needed.');
}

async function namespacesFact(): Promise<MachineFact> {
  const result = await execa('unshare', ['--mount', '--pid', '--ipc', '--net', '--uts', '--fork', 'true'], {
    reject: false,
  });
  return fact(
    'namespaces',
    result.failed ? 'missing' : 'ok',
    result.failed ? result.stderr.trim() || 'unshare failed' : 'mount, pid, ipc, net, uts',
    'The kernel or the container refuses new namespaces: run on a machine of your own, or in a privileged container.',
  );
}

async function limitsFact(): Promise<MachineFact> {
  const { mechanism, pidsParent } = await controlGroups();
  const detail = `memory by ${mechanism}, processes by ${pidsParent === undefined ? 'rlimit' : 'control group'}`;
  return fact(
    'limits',
    mechanism === 'rlimit' ? 'degraded' : 'ok',
    detail,
    'Without a writable memory control group, memory is limited by address space only.',
  );
}

async function toolsFact(): Promise<MachineFact> {
  const missing = await missingTools();
  const packages = [...new Set(missing.map((tool) => tool.package))].join(' ');
  // On Debian and as root the first run installs them by itself.
  return missing.length === 0
    ? fact('tools', 'ok', tools.map(({ program }) => program).join(', '), '')
    : fact(
        'tools',
        'degraded',
        `missing: ${missing.map(({ program }) => program).join(', ')}`,
        `apt-get install ${packages} (a run as root does that by itself).`,
      );
}

async function npmFact(): Promise<MachineFact> {
  const path = await findProgram('npm');
  return fact(
    'npm',
    path === undefined ? 'degraded' : 'ok',
    path ?? 'not on the PATH',
    'Install npm: the servers of the majors that Debian does not have are fetched with it.',
  );
}

async function mirrorFact(): Promise<MachineFact> {
  try {
    return fact('mirror', 'ok', await debianMirror(), '');
  } catch (error) {
    if (!(error instanceof RedoubtError)) throw error;
    // Most often the lists were just never fetched; a run as root does that by itself.
    return fact('mirror', 'degraded', error.message, error.remedy ?? '');
  }
}

async function diskFact(): Promise<MachineFact> {
  const cache = cacheDirectory();
  const { bavail, bsize } = await nearestStatfs(cache);
  const freeBytes = bavail * bsize;
  return fact(
    'disk',
    freeBytes >= wantedDiskBytes ? 'ok' : 'degraded',
    `${gibibytes(freeBytes)} free in ${cache}`,
    `Roots take about ${gibibytes(wantedDiskBytes)}: free some space or set REDOUBT_CACHE.`,
  );
}

function memoryFact(): MachineFact {
  const status = totalmem() >= wantedMemoryBytes ? 'ok' : 'degraded';
  return fact(
    'memory',
    status,
    `${gibibytes(totalmem())}, ${gibibytes(freemem())} free`,
    `Less than ${gibibytes(wantedMemoryBytes)} may not be enough for two servers at once.`,
  );
}

function coresFact(): MachineFact {
  const count = availableParallelism();
  return fact('cores', count >= 2 ? 'ok' : 'degraded', String(count), 'One core works, slowly.');
}

async function nearestStatfs(path: string): Promise<StatsFs> {
  try {
    return await statfs(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || path === '/') throw error;
    return nearestStatfs(dirname(path));
  }
}

function gibibytes(bytes: number): string {
  return `${(bytes / gibibyte).toFixed(1)} GiB`;
}
