import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { bundleFlavour } from '../bundle/flavour.ts';
import { takeInventory } from '../bundle/inventory/bundle-inventory.ts';
import { FolderTree } from '../bundle/inventory/folder-tree.ts';
import { type Bundle, openBundle } from '../bundle/open.ts';
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
import { takeBundleFacts } from './inputs/bundle-facts.ts';
import { runInitdb } from './initdb/bundle-initdb.ts';
import { InitdbRun } from './initdb/initdb-run.ts';
import { localesOfWorkloads } from './order/locales-of-workloads.ts';
import { noServer } from './pin-comparison.ts';
import { localesOf, requiredScope } from './pin-scope.ts';

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
  const bundleMajors = Object.keys(judged?.servers ?? {}).map(Number);
  const approved = approve(sealed, bundle, await requiredScope(policy, bundleMajors, progress));
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
