import { posix } from 'node:path';

import type { BundleLayout } from '../bundle/layout.ts';
import { bundleMountPoint } from '../bundle/launch.ts';
import type { ObservedCall } from '../host/observation.ts';
import type { Finding } from '../verdict/finding.ts';
import type { ObservedRun } from './observed-run.ts';
import type { Discovery } from './subject.ts';

/** Calls that use what is at a path: opening it, running it, following it, connecting to it. */
const uses = {
  open: 2,
  connect: 42,
  execve: 59,
  creat: 85,
  readlink: 89,
  openat: 257,
  readlinkat: 267,
  execveat: 322,
  openat2: 437,
} as const;
const using: ReadonlySet<number> = new Set(Object.values(uses));
const running: ReadonlySet<number> = new Set([uses.execve, uses.execveat]);

const enoent = -2;

/** Kinds of things that a program takes from its surroundings, told apart by their paths; the first that fits. */
const kinds: readonly { readonly kind: string; readonly pattern: RegExp }[] = [
  { kind: 'libraries', pattern: /\.so(\.[\d.]+)?$|\/ld\.so\.(cache|preload|conf)/ },
  { kind: 'locales', pattern: /\/locale(s)?(\/|$|\.)|\/i18n\/|locale-archive/ },
  { kind: 'conversions', pattern: /\/gconv/ },
  { kind: 'time zones', pattern: /\/zoneinfo|\/etc\/(localtime|timezone)/ },
  { kind: 'accounts', pattern: /\/etc\/(passwd|group|shadow|nsswitch\.conf)|\/nscd\// },
  { kind: 'names of hosts', pattern: /\/etc\/(hosts|resolv\.conf|host\.conf|hostname|gai\.conf)/ },
  { kind: 'TLS settings', pattern: /\/ssl(\/|$)|\/etc\/(krb5|ldap|sasl)/ },
  { kind: 'the kernel by /proc and /sys', pattern: /^\/(proc|sys)(\/|$)/ },
  { kind: 'devices', pattern: /^\/dev(\/|$)/ },
];

/** Devices that the harness provides. */
const provided = new Set(['/dev/null', '/dev/zero', '/dev/urandom']);
const systemFolder =
  /^\/(bin|boot|dev|etc|home|lib|lib32|lib64|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)(\/|$)/;
const mostPaths = 200;
const mostMissing = 40;

/**
 * What both programs leaned on besides the bundle, `/inout` and the devices that they are given. In a chroot nothing else
 * is there: what they looked for in vain is a note. Elsewhere every path of the host that they used is a finding.
 */
export function judgeAmbient(runs: readonly ObservedRun[], layout: BundleLayout): Discovery {
  const findings: Finding[] = connections(runs);
  const named = runs.flatMap(({ program, observation }) =>
    observation.calls
      .filter(({ path }) => path.startsWith('/'))
      .map((call) => ({ ...call, path: stablePath(call.path), program })),
  );
  const taken = named.filter(
    ({ call, path, result }) => using.has(call) && result >= 0 && layout !== 'chroot' && !isOwn(path),
  );
  for (const [kind, members] of Map.groupBy(taken, kindOf)) {
    const paths = distinct(members.map(({ path }) => path));
    const programs = distinct(members.map(({ program }) => program));
    findings.push({
      code: 'ambient-dependency',
      message: `${programs.join(' and ')} ${programs.length === 1 ? 'leans' : 'lean'} on the host's ${kind}: ${some(paths)}`,
      details: { kind, programs, paths: paths.slice(0, mostPaths) },
    });
  }
  const notes: string[] = [];
  const inVain = named.filter(
    ({ path, result }) => result === enoent && systemFolder.test(path) && !isOwn(path),
  );
  const missing = distinct(inVain.map(({ path }) => path));
  if (missing.length > 0) notes.push(`looked for in vain, and done without: ${some(missing, mostMissing)}`);
  const ran = distinct(
    named.filter(({ call, result }) => running.has(call) && result === 0).map(({ path }) => path),
  );
  notes.push(`ran: ${some(ran)}`);
  return { findings, notes };
}

/** A program that is local does not speak to a network; a socket of the host is ambient as a file is. */
function connections(runs: readonly ObservedRun[]): Finding[] {
  return runs.flatMap(({ program, observation }) => {
    const attempts = observation.calls.filter(({ call }) => call === uses.connect);
    const remote = attempts.filter(({ path }) => path.startsWith('inet:') && !isLoopback(path));
    const local = attempts.filter(({ path, result }) => path.startsWith('unix:') && result >= 0);
    const addresses = distinct([...remote, ...local].map(({ path }) => path)).filter(
      (path) => !path.startsWith('unix:/inout/'),
    );
    return addresses.length === 0
      ? []
      : [
          {
            code: 'ambient-connection' as const,
            message: `${program} connects to ${some(addresses)}`,
            details: { program, addresses },
          },
        ];
  });
}

/** The same on every run: PostgreSQL gives its shared memory a random number. */
function stablePath(path: string): string {
  return posix.normalize(path).replace(/\/PostgreSQL\.\d+$/, '/PostgreSQL.*');
}

function isLoopback(path: string): boolean {
  return /^inet:(127\.|\[::1\])/.test(path);
}

function isOwn(path: string): boolean {
  return path === '/' || provided.has(path) || isBelow(path, bundleMountPoint) || isBelow(path, '/inout');
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function kindOf({ call, path }: ObservedCall): string {
  if (running.has(call)) return 'programs';
  return kinds.find(({ pattern }) => pattern.test(path))?.kind ?? 'files';
}

function distinct<T extends string>(words: readonly T[]): T[] {
  return [...new Set(words)].toSorted();
}

/** The first words, and how many more there are. */
function some(words: readonly string[], most = 12): string {
  const rest = words.length - most;
  return `${words.slice(0, most).join(', ')}${rest > 0 ? ` and ${String(rest)} more` : ''}`;
}
