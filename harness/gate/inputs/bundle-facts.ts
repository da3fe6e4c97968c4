import type { BundleInventory } from '../../bundle/inventory/bundle-inventory.ts';
import type { Bundle } from '../../bundle/open.ts';
import type { LocaleInUse } from '../../collation/locale-in-use.ts';
import type { Host } from '../../host/engine.ts';
import type { Progress } from '../../host/progress.ts';
import type { PinnedInitdb, PinnedMajor, PinnedOrder } from '../../pin/bundle-lock.ts';
import { canaryOrder } from '../../pin/canary-order.ts';
import { type BundleFileFacts, takeFileFacts } from '../../pin/file-facts.ts';
import { takeInitdbFacts } from '../../pin/initdb-facts.ts';
import { bundleEnvironment } from '../order/bundle-environment.ts';
import type { InitdbRun } from '../initdb/initdb-run.ts';

/** How to come by what a bundle's files do not tell. */
export interface BundleSources {
  readonly bundle: Bundle;
  readonly inventory: BundleInventory;
  /** On which programs run, and on which a bundle that has no libc of its own leans. */
  readonly host: Host;
  readonly runInitdb: (major: number) => Promise<InitdbRun>;
  readonly localesInUse: (major: number) => Promise<readonly LocaleInUse[]>;
  readonly progress: Progress;
}

/** All that a lock file says of the majors of a bundle. */
export async function takeBundleFacts(
  sources: BundleSources,
  majors: readonly number[],
): Promise<{ readonly majors: readonly PinnedMajor[]; readonly localeSets: BundleFileFacts['localeSets'] }> {
  sources.progress('pin', 'taking down libraries and locales');
  const files = await takeFileFacts(sources.bundle, sources.inventory, majors);
  const whole: PinnedMajor[] = [];
  for (const facts of files.majors) {
    whole.push({
      ...facts,
      initdb: await initdbFacts(sources, facts.major),
      order: await orderFacts(sources, facts.major),
    });
  }
  return { majors: whole, localeSets: files.localeSets };
}

/** What initdb makes with a pageserver's options; null for an initdb that fails, which the suite initdb judges. */
export async function initdbFacts(
  { bundle, host, runInitdb, progress }: BundleSources,
  major: number,
): Promise<PinnedInitdb | null> {
  progress('pin', `initdb ${String(major)}`);
  const run = await runInitdb(major);
  if (!run.succeeded) return null;
  return takeInitdbFacts(run.tree, major, bundle.layout === 'pg-install' ? host.name : null);
}

/** How the libraries of a major order the canaries; nothing for a static bundle, whose libraries cannot be asked. */
export async function orderFacts(
  { bundle, host, localesInUse, progress }: BundleSources,
  major: number,
): Promise<readonly PinnedOrder[]> {
  if (bundle.layout === 'static') return [];
  progress('pin', `order ${String(major)}`);
  const locales = await localesInUse(major);
  const environment = await bundleEnvironment('the bundle', bundle, major, host);
  const orders = await canaryOrder(environment, locales, progress);
  // What the host's libc does is no property of such a bundle.
  return bundle.layout === 'pg-install' ? orders.filter(({ provider }) => provider === 'icu') : orders;
}
