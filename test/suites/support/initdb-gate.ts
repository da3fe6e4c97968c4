import { join } from 'node:path';

import { bundleFlavour } from '../../../harness/bundle/flavour.ts';
import { recogniseLayout } from '../../../harness/bundle/layout.ts';
import { requireMajor } from '../../../harness/bundle/majors.ts';
import type { LocaleInUse } from '../../../harness/collation/locale-in-use.ts';
import { GatePlan } from '../../../harness/gate/plan/gate-plan.ts';
import { GateRun } from '../../../harness/gate/gate-run.ts';
import type { OpenedBundle } from '../../../harness/gate/inputs/opened-bundle.ts';
import { openChrootHost } from '../../../harness/host/chroot/chroot-host.ts';
import { composedImage, isComposition } from '../../../harness/host/composition/composition-recipe.ts';
import { computeImage, defaultComputeImage } from '../../../harness/host/compute-images.ts';
import type { Host } from '../../../harness/host/engine.ts';
import { silent } from '../../../harness/host/progress.ts';
import { hostRecipe } from '../../../harness/host/debian/recipes.ts';
import { ensureRoot } from '../../../harness/host/root.ts';
import type { OpenedLock } from '../../../harness/pin/opened-lock.ts';
import { EventLog } from '../../../harness/report/event-log.ts';
import type { SuiteName } from '../../../harness/verdict/cell.ts';
import type { Finding } from '../../../harness/verdict/finding.ts';
import type { Promised } from '../../../suites/promise.ts';

/** What to judge, and with what around it. */
export interface InitdbGateOptions {
  /** A folder. */
  readonly candidate: string;
  readonly major: number;
  readonly hosts: readonly string[];
  /** By default the major's own. */
  readonly compute?: string;
  /** In use; by default those of the workloads. */
  readonly locales?: readonly LocaleInUse[];
  /** The bundle that is pinned, and the digest of the candidate. */
  readonly pin?: { readonly lock: OpenedLock; readonly digest: string };
}

/** What a promise found, or why it could not be examined. */
export interface Examined {
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
  readonly notJudged: unknown;
}

/** A run of the gate in which a test examines single promises, without Japa in Japa. */
export interface InitdbGate extends AsyncDisposable {
  examine(promised: Promised, host?: string, suite?: SuiteName): Promise<Examined>;
}

/** Opens bundles, hosts and the compute image; `directory` gets the evidence. */
export async function openInitdbGate(
  { candidate, major, hosts, compute, locales, pin }: InitdbGateOptions,
  directory: string,
): Promise<InitdbGate> {
  await using stack = new AsyncDisposableStack();
  const opened = new Map<string, Host>();
  for (const name of hosts) {
    const root = await ensureRoot(hostRecipe(name), silent);
    opened.set(name, stack.use(await openChrootHost(name, root.path)));
  }
  const [firstHost] = opened.values();
  if (firstHost === undefined) throw new TypeError('a gate needs a host');
  const image =
    compute === undefined
      ? defaultComputeImage(major)
      : isComposition(compute)
        ? await composedImage(compute, silent)
        : computeImage(compute);
  const imageRoot = await ensureRoot(image.recipe, silent);
  const imageHost = stack.use(await openChrootHost(image.name, imageRoot.path));
  const plan = new GatePlan({
    suites: ['initdb'],
    majors: [major],
    hosts,
    layout: await recogniseLayout(candidate, candidate),
    hasBaseline: false,
    initdbMatrix: 'sample',
    locales,
    kernelFloor: false,
    tapeLabels: () => [],
    hasOracle: () => true,
    skews: [],
  });
  const gate = stack.use(
    await GateRun.open({
      plan,
      hosts: opened,
      candidate: await describe(candidate, pin?.digest ?? '', major, firstHost),
      baseline: undefined,
      openTape: () => Promise.reject(new TypeError('these checks need no tape')),
      openCompute: () => Promise.resolve({ name: image.name, host: imageHost }),
      openInitdbBundle: () => Promise.reject(new TypeError('these checks need no capture')),
      policy: undefined,
      lock: pin?.lock,
      answerTimeoutMs: 60_000,
      log: new EventLog(join(directory, 'events.ndjson'), () => undefined),
      reportDirectory: directory,
      progress: silent,
    }),
  );
  const kept = stack.move();
  return {
    examine: (promised, host = hosts[0] ?? '', suite = 'initdb') =>
      examine(gate, promised, { id: `pg${String(major)}/${host}/${suite}`, major, host, suite }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Its digest, which takes longest, is the business of few. */
async function describe(directory: string, digest: string, major: number, host: Host): Promise<OpenedBundle> {
  const bundle = {
    source: directory,
    digest,
    directory,
    layout: await recogniseLayout(directory, directory),
  };
  const servers = new Map([[major, await requireMajor(bundle, major, host)]]);
  return { role: 'candidate', bundle, servers, flavour: await bundleFlavour(bundle) };
}

async function examine(
  gate: GateRun,
  promised: Promised,
  cell: GatePlan['cells'][number],
): Promise<Examined> {
  const findings: Finding[] = [];
  const notes: string[] = [];
  let notJudged: unknown;
  try {
    await promised.examine({
      gate,
      cell,
      slug: `${cell.id}/${promised.id}`.replaceAll(/[^a-z0-9.]+/gi, '-'),
      found: (finding) => findings.push(finding),
      compared: () => undefined,
      note: (text) => notes.push(text),
    });
  } catch (error) {
    notJudged = error;
  }
  return { findings, notes, notJudged };
}
