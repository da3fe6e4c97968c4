import { chown, cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { launch } from '../bundle/launch.ts';
import { serverFiles } from '../bundle/reference/server-files.ts';
import { openChrootHost } from '../host/chroot/chroot-host.ts';
import { computeRecipe } from '../host/compute-images.ts';
import { describeEnding } from '../host/describe-ending.ts';
import type { CompletedProcess, Mount } from '../host/engine.ts';
import type { Progress } from '../host/progress.ts';
import { helperRecipe } from '../host/debian/recipes.ts';
import { ensureRoot } from '../host/root.ts';
import type { Finding } from '../verdict/finding.ts';
import type { StaticFindingCode } from '../verdict/finding-code.ts';
import { describeInitdbFailure } from '../verdict/initdb-failure.ts';
import { usualUid } from './probe.ts';
import type { Discovery, Subject } from './subject.ts';

/** Where initdb runs: a root that is empty at first, and what is mounted into it. */
interface Surroundings {
  readonly root: string;
  readonly mounts: Mount[];
}

/** Folders of the machine with what a static bundle may turn out to need. */
interface Provisions {
  /** A static busybox. */
  readonly shell: string;
  readonly locale: string;
  /** The share files of the same major. */
  readonly share: string;
}

/** One thing that a bundle of two static programs does not have. */
interface Need {
  readonly code: StaticFindingCode;
  /** What initdb says without it. */
  readonly pattern: RegExp;
  readonly words: string;
  /** Undefined where nothing can be laid beside a static program that would help. */
  readonly provide?: (found: RegExpExecArray, at: Surroundings, from: Provisions) => Promise<void>;
}

/** What initdb of 14 to 18 says (bin/initdb/initdb.c, common/exec.c, backend/utils/fmgr/dfmgr.c). */
const needs: readonly Need[] = [
  {
    code: 'static-needs-passwd',
    pattern: /could not look up effective user ID/,
    words: 'a passwd entry of its user: it asks for the name under which it runs',
    provide: async (_, { root }) => {
      await mkdir(join(root, 'etc'));
      await writeFile(
        join(root, 'etc/passwd'),
        `nobody:x:${String(usualUid)}:${String(usualUid)}::/:/bin/sh\n`,
      );
    },
  },
  {
    code: 'static-needs-shell',
    pattern: /program "postgres" is needed by|could not execute command|no data was returned by command/,
    words: 'a shell: it runs the postgres beside it through popen(3), and that is /bin/sh',
    provide: async (_, { root }, { shell }) => {
      await mkdir(join(root, 'bin'));
      await cp(shell, join(root, 'bin/busybox'));
      await symlink('busybox', join(root, 'bin/sh'));
    },
  },
  {
    code: 'static-needs-locales',
    pattern: /invalid locale name/,
    words:
      "a libc locale: the libc that is linked into it knows C alone, and reads all others from the host's files",
    provide: async (_, { root }, { locale }) => {
      await cp(locale, join(root, 'usr/lib/locale/C.utf8'), { recursive: true });
    },
  },
  {
    code: 'static-needs-share',
    pattern: /file "(\/[^"\n]*)\/[^/"\n]*" does not exist/,
    words:
      'share files (postgres.bki, SQL scripts, sample settings, time zone names): it reads them when it runs',
    provide: async ([, place = ''], { mounts }, { share }) => {
      mounts.push({ source: share, target: place, readOnly: true });
      return Promise.resolve();
    },
  },
  {
    code: 'static-needs-modules',
    pattern: /could not (?:access file "\$libdir\/|load library "[^"]*\/)(\w+)/,
    words:
      'loadable modules (dict_snowball, plpgsql, conversions): initdb creates functions that live in them, and a static program cannot load any, since it has no symbols to offer them',
  },
];

/**
 * Runs initdb with `flags` in an empty root and adds, one by one, what it turns out to need beside the bundle's own files;
 * each is a finding. It passes when two static programs are enough.
 */
export async function discoverStaticNeeds(
  subject: Subject,
  flags: readonly string[],
  progress: Progress,
): Promise<Discovery> {
  const { bundle, major, scratch } = subject;
  const from = await provisions(major, progress);
  const at: Surroundings = { root: join(scratch, 'root'), mounts: [] };
  await mkdir(at.root);
  const findings: Finding[] = [];
  for (;;) {
    const inout = join(scratch, `inout-${String(findings.length)}`);
    await mkdir(inout);
    await chown(inout, usualUid, usualUid);
    const process = await runInitdb(subject, flags, at, inout);
    if (process.ending.kind === 'exited' && process.ending.exitCode === 0)
      return { findings, notes: [`with that, initdb ends well in a root that holds nothing else`] };
    const need = needs.find(({ code, pattern }) => pattern.test(process.stderr) && !has(findings, code));
    const found = need?.pattern.exec(process.stderr);
    if (need === undefined || found === undefined || found === null) {
      findings.push(describeInitdbFailure(process.ending, process.stderr));
      return { findings, notes: [] };
    }
    findings.push(describe(need, bundle.layout, major, process));
    if (need.provide === undefined) return { findings, notes: [] };
    await need.provide(found, at, from);
  }
}

async function provisions(major: number, progress: Progress): Promise<Provisions> {
  const recipe = computeRecipe(major);
  const [tools, compute] = [await ensureRoot(helperRecipe(), progress), await ensureRoot(recipe, progress)];
  return {
    shell: join(tools.path, 'usr/bin/busybox'),
    locale: join(compute.path, 'usr/lib/locale/C.utf8'),
    share: join(compute.path, serverFiles(recipe, major).share.from),
  };
}

async function runInitdb(
  { bundle, major, answerTimeoutMs }: Subject,
  flags: readonly string[],
  { root, mounts }: Surroundings,
  inout: string,
): Promise<CompletedProcess> {
  await using host = await openChrootHost('an empty root', root);
  const start = launch(bundle, major, 'initdb', flags);
  return host.run({
    ...start,
    mounts: [...(start.mounts ?? []), ...mounts, { source: inout, target: '/inout', readOnly: false }],
    limits: { wallTimeMs: answerTimeoutMs, memoryBytes: 2 ** 31, outputBytes: 2 ** 30, processes: 256 },
  });
}

function describe(
  { code, words }: Need,
  layout: string,
  major: number,
  { ending, stderr }: CompletedProcess,
): Finding {
  const complaints = stderr.split('\n').filter((line) => /error|FATAL|failure/.test(line));
  const said = (complaints.length === 0 ? stderr.trim() : complaints.join(' | ')).slice(0, 400);
  return {
    code,
    message: `initdb of v${String(major)} (${layout}) needs more than itself and postgres: ${words}; without, it ${describeEnding(ending)}, saying: ${said}`,
    details: { stderr: stderr.trim().slice(-2000) },
  };
}

function has(findings: readonly Finding[], code: StaticFindingCode): boolean {
  return findings.some((finding) => finding.code === code);
}
