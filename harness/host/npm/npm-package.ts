import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { execa } from 'execa';

import { RedoubtError } from '../../error.ts';
import { interrupted, interruption } from '../interruption.ts';
import { findProgram } from '../machine/prerequisites.ts';

/** One version of a package of the npm registry, pinned by the digest of its tarball. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** `sha512-` and the digest of the tarball in base64, as the registry's `dist.integrity` gives it. */
  readonly integrity: string;
}

const timeoutMs = 600_000;

const npmOptions = [
  '--ignore-scripts',
  '--loglevel=error',
  '--fetch-retries=1',
  '--fetch-retry-mintimeout=1000',
];

/** What npm says when it did not get an answer that it could use, as error codes of its own, of Node, or of HTTP. */
const noAnswer =
  /^(ENOTFOUND|EAI_AGAIN|ECONN[A-Z]+|E[A-Z]*TIMEDOUT|EIDLETIMEOUT|ENETUNREACH|EHOSTUNREACH|EPROTO|ERR_SOCKET_TIMEOUT|CERT_\w+|\w+_CERT\w*|FETCH_ERROR|E401|E403|E407|E429|E5\d\d)$/;

/**
 * Downloads the tarball of a package into `directory`, which must not exist, with the machine's own npm and the registry
 * that it is configured for, and returns its path. None of the package's scripts runs. Throws `infrastructure`:
 * `npm-missing`, `registry-unreachable`, `npm-package-missing`, `npm-package-differs` when it is not the pinned one,
 * `disk-full`, `npm-failed`; `interrupted` at an interrupt.
 */
export async function fetchNpmPackage(wanted: NpmPackage, directory: string): Promise<string> {
  await mkdir(directory);
  await packWithNpm(wanted, directory);
  const tarball = (await readdir(directory)).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw npmFailed(wanted, 'npm-failed', 'npm ended well, but left no tarball');
  const path = join(directory, tarball);
  const found = await integrityOf(path);
  if (found !== wanted.integrity) throw differs(wanted, found);
  return path;
}

async function packWithNpm(wanted: NpmPackage, directory: string): Promise<void> {
  if ((await findProgram('npm')) === undefined) {
    throw new RedoubtError('infrastructure', 'npm-missing', 'this machine has no npm on its PATH', {
      remedy: 'Install npm: it comes with Node.js.',
    });
  }
  const options = [`--pack-destination=${directory}`, ...npmOptions];
  const result = await execa(
    'setpriv',
    // Whatever happens to this process, npm ends with it.
    ['--pdeathsig', 'KILL', 'npm', 'pack', `${wanted.name}@${wanted.version}`, ...options],
    {
      cwd: directory,
      stdin: 'ignore',
      // A Ctrl-C in the terminal is for the harness alone; this ends with it.
      detached: true,
      cleanup: false,
      timeout: timeoutMs,
      cancelSignal: interruption,
      killSignal: 'SIGKILL',
      reject: false,
    },
  );
  if (result.isCanceled) throw interrupted();
  if (result.timedOut)
    throw npmFailed(wanted, 'registry-unreachable', `no answer in ${String(timeoutMs / 60_000)} minutes`);
  if (result.failed) throw explain(wanted, result.stderr.trim());
}

function explain(wanted: NpmPackage, complaint: string): RedoubtError {
  const code = /^npm (?:error|ERR!) code (\S+)$/m.exec(complaint)?.[1] ?? '';
  if (code === 'EINTEGRITY') {
    const found = /but got (sha512-\S+?)\.?(?:\s|$)/.exec(complaint)?.[1];
    return differs(wanted, found ?? 'a tarball that its registry does not vouch for');
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') return npmFailed(wanted, 'disk-full', complaint);
  if (code === 'E404' || code === 'ETARGET') return npmFailed(wanted, 'npm-package-missing', complaint);
  return npmFailed(wanted, noAnswer.test(code) ? 'registry-unreachable' : 'npm-failed', complaint);
}

const remedies: Readonly<Record<string, string>> = {
  'registry-unreachable':
    'See that npm reaches its registry: npm ping. Behind a proxy or with a mirror, configure npm for it.',
  'npm-package-missing': 'Use a registry that has this version: npm config get registry.',
  'disk-full': 'Free some disk space, or set REDOUBT_CACHE to a larger disk.',
};

function npmFailed({ name, version }: NpmPackage, code: string, complaint: string): RedoubtError {
  // The last lines name npm's log and say nothing of the cause.
  const words = complaint
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim())
    .filter((line) => line !== '' && !/complete log|^\S*\.log$/.test(line))
    .slice(0, 4)
    .join(' ');
  return new RedoubtError(
    'infrastructure',
    code,
    `cannot fetch the npm package ${name} ${version}: ${words === '' ? 'npm failed' : words}`,
    {
      remedy: remedies[code] ?? `Try by hand: npm pack ${name}@${version}.`,
      details: { name, version, complaint: complaint.slice(-2000) },
    },
  );
}

function differs({ name, version, integrity }: NpmPackage, found: string): RedoubtError {
  return new RedoubtError(
    'infrastructure',
    'npm-package-differs',
    `the npm package ${name} ${version} is not the pinned one: ${integrity} expected, ${found} found`,
    {
      remedy:
        'Do not use it: its registry, a mirror or a proxy altered it, or the version was published anew.',
      details: { name, version, expected: integrity, found },
    },
  );
}

async function integrityOf(path: string): Promise<string> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(path), hash);
  return `sha512-${hash.digest('base64')}`;
}
