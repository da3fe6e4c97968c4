import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { bundleFlavour } from '../bundle/flavour.ts';
import { takeInventory } from '../bundle/inventory/bundle-inventory.ts';
import { FolderTree } from '../bundle/inventory/folder-tree.ts';
import { type Bundle, openBundle } from '../bundle/open.ts';
import { type LocaleInUse, nameOfLocale, parseLocalesInUse } from '../collation/locale-in-use.ts';
import { RedoubtError } from '../error.ts';
import { openChrootHost } from '../host/chroot/chroot-host.ts';
import { ensureHostRoot } from '../host/host-root.ts';
import type { Progress } from '../host/progress.ts';
import { temporaryDirectory } from '../host/run-directory.ts';
import { approve } from '../pin/approve.ts';
import { type BundleLock, lockSchemaVersion } from '../pin/bundle-lock.ts';
import { canaryDigest } from '../pin/canary-order.ts';
import { readSealedReport, type SealedReport } from '../pin/sealed-report.ts';
import type { RedoubtPolicy } from '../policy/policy.ts';
import { defaultAnswerTimeoutMs } from '../redo/replay/replay.ts';
import { takeBundleFacts } from './inputs/bundle-facts.ts';
import { runInitdb } from './initdb/bundle-initdb.ts';
import { hostChoices } from './inputs/host-choices.ts';
import { InitdbRun } from './initdb/initdb-run.ts';
import { localesOfWorkloads } from './order/locales-of-workloads.ts';
import { noServer } from './pin-comparison.ts';
import { suitesWithPromises } from './plan/suite-files.ts';

export interface PinOptions {
  /** The folder of a run. */
  readonly report: string;
  /** Undefined: the bundle that the report names. */
  readonly candidate: string | undefined;
  /** Undefined: those of the policy. */
  readonly reviewers: readonly string[] | undefined;
  readonly policy: RedoubtPolicy;
  readonly progress: Progress;
}

/** As the RFC has it: "Storage team code review is required to update the pinned version". */
const usualReviewers: readonly string[] = ['Storage team'];

/** Makes the lock of a bundle out of a report that approves it. Throws what reading and approving the report throw. */
export async function pinBundle(options: PinOptions): Promise<BundleLock> {
  const { policy, progress, reviewers = policy.reviewers ?? usualReviewers } = options;
  const sealed = readSealedReport(options.report);
  const bundle = await openBundle(options.candidate ?? sourceIn(sealed), progress);
  const judged = sealed.report.inputs.bundles.find(({ role }) => role === 'candidate');
  const majors = policy.majors ?? Object.keys(judged?.servers ?? {}).map(Number);
  const { hosts, defaultHosts, optionalHosts } = hostChoices();
  const usualLocales = namesOf((await Promise.all(majors.map(localesOfWorkloads))).flat());
  const approved = approve(sealed, bundle, {
    suites: policy.suites ?? suitesWithPromises,
    majors,
    hosts:
      policy.hosts ?? defaultHosts.filter((name) => hosts.includes(name) && !optionalHosts.includes(name)),
    locales: policy.locales === undefined ? usualLocales : namesOf(localesOf(policy.locales)),
    usualLocales,
    answerTimeoutMs: defaultAnswerTimeoutMs,
  });
  const facts = await factsOf(bundle, sealed, policy, progress);
  return {
    schemaVersion: lockSchemaVersion,
    bundle: {
      digest: bundle.digest,
      layout: bundle.layout,
      flavour: await bundleFlavour(bundle),
      name: basename(bundle.source),
    },
    reviewers,
    approved,
    majors: facts.majors,
    canaries: await canaryDigest(),
    localeSets: facts.localeSets,
  };
}

function localesOf(locales: readonly string[]): readonly LocaleInUse[] {
  return parseLocalesInUse('policy.locales', locales.join(','));
}

function namesOf(locales: readonly LocaleInUse[]): readonly string[] {
  return [...new Set(locales.map(nameOfLocale))];
}

async function factsOf(
  bundle: Bundle,
  { report }: SealedReport,
  policy: RedoubtPolicy,
  progress: Progress,
): Promise<Pick<BundleLock, 'majors' | 'localeSets'>> {
  const [first] = report.inputs.hosts;
  if (first === undefined) throw noCandidate('the report names no host');
  const request = { name: first.name, archive: first.archive?.path, isRequired: true };
  const outcome = await ensureHostRoot(request, progress);
  if (outcome.kind === 'absent') throw noCandidate(`${first.name} cannot be had: ${outcome.host.reason}`);
  await using stack = new AsyncDisposableStack();
  const host = stack.use(await openChrootHost(first.name, outcome.root.path, progress));
  const scratch = stack.use(await temporaryDirectory('data directories of a bundle that is pinned'));
  const { locales } = policy;
  const facts = await takeBundleFacts(
    {
      bundle,
      inventory: takeInventory(bundle.layout, new FolderTree(bundle.directory)),
      host,
      runInitdb: async (major) => {
        const inout = join(scratch.path, String(major));
        await mkdir(scratch.path, { recursive: true });
        return new InitdbRun(await runInitdb(bundle, major, host, inout), inout);
      },
      localesInUse: async (major) => (locales === undefined ? localesOfWorkloads(major) : localesOf(locales)),
      progress,
    },
    report.majors,
  );
  const unseen = report.majors.find((major) => !facts.majors.some((each) => each.major === major));
  if (unseen !== undefined) throw noServer(`the bundle ${bundle.source}`, unseen);
  return facts;
}

function sourceIn({ report }: SealedReport): string {
  const candidate = report.inputs.bundles.find(({ role }) => role === 'candidate');
  if (candidate !== undefined) return candidate.source;
  throw noCandidate('the report names no candidate');
}

function noCandidate(message: string): RedoubtError {
  return new RedoubtError('usage', 'report-of-other-bundle', message, {
    remedy: 'Run the gate again, to its end.',
  });
}
