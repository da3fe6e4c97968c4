import { createHash } from 'node:crypto';

import { RedoubtError } from '../error.ts';
import type { Report } from '../report/report.ts';
import type { JudgedFinding } from '../verdict/judge.ts';

/** Version of the files of a history; a reader refuses a newer one. */
export const nightlySchemaVersion = 1;

/** What a run was made with: a bundle, a host or a compute image. */
export interface NightlyInput {
  /** SHA-256 of a bundle or of a host's archive; else over what is known of it. */
  readonly digest: string;
  /** File, packages, or version. */
  readonly words: string;
}

/** Something that a run found, once for each check and thing that it is about. */
export interface NightlyFinding {
  /** The same in each run that finds it. */
  readonly key: string;
  readonly code: string;
  readonly check: string;
  readonly message: string;
  /** How many of one key. */
  readonly count: number;
  /** `accepted by ... until ...`, or a warning; null for what fails. */
  readonly tolerance: 'accepted' | 'warning' | null;
}

/** What a history keeps of a run. */
export interface NightlyRun {
  readonly schemaVersion: typeof nightlySchemaVersion;
  /** Its time and the digest of its report, fit for a file name. */
  readonly id: string;
  /** When it began (ISO 8601, UTC). */
  readonly at: string;
  readonly verdict: string;
  readonly exitCode: number;
  readonly sentence: string;
  /** SHA-256 over the report, its times apart. */
  readonly report: string;
  readonly redoubtVersion: string | null;
  /** By what each is: `candidate`, `baseline`, `host debian:12`, `compute debian:13 of 17`. */
  readonly inputs: Readonly<Record<string, NightlyInput>>;
  /** The checks that came to a judgement. */
  readonly judged: readonly string[];
  readonly findings: readonly NightlyFinding[];
}

/** What is to be kept of a report. Throws `report-without-time` (usage) for one of a run that never began. */
export function nightlyRun(report: Report): NightlyRun {
  const { run, ...contents } = report;
  const at = run.startedAt;
  if (at === null)
    throw new RedoubtError('usage', 'report-without-time', 'the report does not say when its run began', {
      remedy: 'Name the folder of a run that began.',
    });
  const digest = sha256(JSON.stringify(contents));
  return {
    schemaVersion: nightlySchemaVersion,
    id: `${at.replaceAll(/[:.]/g, '-')}-${digest.slice(0, 8)}`,
    at,
    verdict: report.verdict,
    exitCode: report.exitCode,
    sentence: report.sentence,
    report: digest,
    redoubtVersion: run.redoubtVersion,
    inputs: inputsOf(report),
    judged: report.cells.flatMap(({ checks }) =>
      checks.filter(({ outcome }) => outcome !== 'not judged').map(({ id }) => id),
    ),
    findings: findingsOf(report),
  };
}

function inputsOf({ inputs }: Report): NightlyRun['inputs'] {
  const bundles = inputs.bundles.map(
    ({ role, name, source, digest }) =>
      [name === undefined ? role : `${role} ${name}`, { digest, words: source }] as const,
  );
  const hosts = inputs.hosts.map((host) => {
    const { name, packages, libc, archive } = host;
    const digest = archive?.digest ?? sha256(JSON.stringify([packages, libc, archive?.path]));
    const words = Object.entries(packages).map((pair) => pair.join(' '));
    return [`host ${name}`, { digest, words: words.join(', ') || libc }] as const;
  });
  const images = inputs.tapes.flatMap(({ compute, major, serverVersion, flavour }) => {
    if (compute === null) return [];
    // An image that is a host, too, has libraries that may change under the same server.
    const { packages } = inputs.hosts.find(({ name }) => name === compute) ?? {};
    return [
      [
        `compute ${compute} of ${String(major)}`,
        {
          digest: sha256(JSON.stringify([flavour, serverVersion, packages])),
          words: `PostgreSQL ${serverVersion} (${flavour})`,
        },
      ] as const,
    ];
  });
  return Object.fromEntries([...bundles, ...hosts, ...images]);
}

function findingsOf({ findings }: Report): readonly NightlyFinding[] {
  const byKey = Map.groupBy(findings, (finding) => keyOf(finding));
  return [...byKey].flatMap(([key, group]): readonly NightlyFinding[] => {
    // One that fails speaks for those that are let stand.
    const worst = group.find(({ tolerance }) => tolerance === undefined) ?? group[0];
    if (worst === undefined) return [];
    const { code, check, message, tolerance } = worst;
    return [{ key, code, check, message, count: group.length, tolerance: tolerance?.kind ?? null }];
  });
}

/** Numbers in messages change from night to night; what a finding is about does not. */
function keyOf({ code, check, page, details }: JudgedFinding & { readonly check: string }): string {
  const subject = page?.relation ?? details?.['locale'] ?? details?.['library'] ?? '';
  return [code, check, ...(subject === '' ? [] : [String(subject)])].join(' ');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
