import { environmentDigests } from '../collation/environment-digests.ts';
import { keptDrift } from '../collation/kept-drift.ts';
import type { LocaleDrift } from '../collation/locale-drift.ts';
import { readCanaries } from '../collation/stored-strings.ts';
import { type Bundle, openUnpacked } from '../bundle/open.ts';
import { canaryDigest } from '../pin/canary-order.ts';
import { RedoubtError } from '../error.ts';
import { comparePin, needsOrder, type PinStatement } from '../pin/compare-pin.ts';
import type { BundleLock, PinnedMajor } from '../pin/bundle-lock.ts';
import { takeFileFacts } from '../pin/file-facts.ts';
import type { OrderEvidence } from '../pin/order-words.ts';
import type { PinComparison } from '../verdict/pin-facts.ts';
import { bundleEnvironment } from './order/bundle-environment.ts';
import { type BundleSources, initdbFacts, orderFacts } from './inputs/bundle-facts.ts';
import type { GateRun } from './gate-run.ts';
import { localesOfWorkloads } from './order/locales-of-workloads.ts';
import { share } from './shared-work.ts';

/** What is to be said of one major, and how its order was told. */
export interface ComparedMajor {
  readonly evidence: PinComparison['evidence'];
  readonly statements: readonly PinStatement[];
}

/** Holds a major of the run's candidate against the pinned one. */
export async function comparePinnedMajor(
  gate: GateRun,
  lock: BundleLock,
  pinned: PinnedMajor,
  hostName: string,
): Promise<ComparedMajor> {
  const { major } = pinned;
  const sources = await sourcesOf(gate, hostName);
  const files = await share(gate, 'pin: files of the candidate', () =>
    takeFileFacts(sources.bundle, sources.inventory, [...gate.candidate.servers.keys()]),
  );
  const facts = files.majors.find((each) => each.major === major);
  if (facts === undefined) throw noServer(`the candidate ${sources.bundle.source}`, major);
  const isOrderAsked = needsOrder(pinned, facts) && sources.bundle.layout !== 'static';
  const order = isOrderAsked ? await orderFacts(sources, major) : [];
  const evidence = isOrderAsked ? await orderEvidence(gate, lock, pinned, sources, order) : undefined;
  const candidate: PinnedMajor = { ...facts, initdb: await initdbFacts(sources, major), order };
  return {
    evidence:
      evidence === undefined
        ? 'the same libraries'
        : evidence.kind === 'drift'
          ? 'both bundles'
          : 'lock file alone',
    statements: comparePin(
      { major: pinned, localeSets: lock.localeSets },
      { major: candidate, localeSets: files.localeSets },
      evidence,
    ),
  };
}

/** No file says that it is the server of a major whose programs run: there is nothing to hold against anything. */
export function noServer(what: string, major: number): RedoubtError {
  return new RedoubtError(
    'infrastructure',
    'server-unseen',
    `no file of ${what} says that it is the server of PostgreSQL ${String(major)}, so that nothing is known of its libraries`,
    { remedy: 'Give a bundle whose servers are not packed.' },
  );
}

/** Asks both bundles where the pinned one lies unpacked on this machine; else what the lock file says must do. */
async function orderEvidence(
  gate: GateRun,
  lock: BundleLock,
  { major, order: pinnedOrder }: PinnedMajor,
  { bundle, host, localesInUse }: BundleSources,
  order: PinnedMajor['order'],
): Promise<OrderEvidence> {
  const pinned = await pinnedBundle(gate, lock);
  if (pinned === undefined || pinned.layout === 'static') {
    const isSamePairs = (await canaryDigest()) === lock.canaries;
    return {
      kind: 'recorded',
      pinned: pinnedOrder,
      candidate: order,
      pairs: isSamePairs ? await readCanaries() : undefined,
    };
  }
  const from = await bundleEnvironment('the pinned bundle', pinned, major, host);
  const to = await bundleEnvironment('the candidate', bundle, major, host);
  const digests = { from: await environmentDigests(from), to: await environmentDigests(to) };
  const inUse = await localesInUse(major);
  const drifts: LocaleDrift[] = [];
  for (const provider of ['libc', 'icu'] as const) {
    const locales = inUse.filter((each) => each.provider === provider).map(({ locale }) => locale);
    if (locales.length === 0 || (bundle.layout === 'pg-install' && provider === 'libc')) continue;
    const drift = await keptDrift(
      { from, to, providers: [provider], locales, missing: 'told', quick: false, progress: gate.progress },
      digests,
    );
    drifts.push(...drift.locales);
  }
  return { kind: 'drift', locales: drifts };
}

async function pinnedBundle(gate: GateRun, { bundle }: BundleLock): Promise<Bundle | undefined> {
  const baseline = gate.plan.shape.hasBaseline ? gate.baseline.bundle : undefined;
  return baseline?.digest === bundle.digest ? baseline : openUnpacked(bundle.digest);
}

async function sourcesOf(gate: GateRun, hostName: string): Promise<BundleSources> {
  const { candidate, progress } = gate;
  return {
    bundle: candidate.bundle,
    inventory: await gate.inventory(candidate),
    host: gate.host(hostName),
    runInitdb: (major) => gate.initdb(candidate, major, hostName),
    localesInUse: async (major) => gate.plan.shape.locales ?? localesOfWorkloads(major),
    progress,
  };
}
