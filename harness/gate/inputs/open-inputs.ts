import { bundleFlavour } from '../../bundle/flavour.ts';
import { openBundle, type Bundle } from '../../bundle/open.ts';
import { referenceRecipes } from '../../bundle/reference/build.ts';
import { bundleNotes } from '../../bundle/reference/notes.ts';
import { ensureReferenceBundle } from '../../bundle/reference/ensure.ts';
import { RedoubtError } from '../../error.ts';
import { openChrootHost } from '../../host/chroot/chroot-host.ts';
import type { Host } from '../../host/engine.ts';
import { isMadeHere } from '../../host/host-root.ts';
import type { Progress } from '../../host/progress.ts';
import { hostRecipe } from '../../host/debian/recipes.ts';
import { ensureRoot, ensureRoots } from '../../host/root.ts';
import { temporaryDirectory } from '../../host/run-directory.ts';
import { pinFactsOf } from '../../pin/opened-lock.ts';
import type { Tape } from '../../redo/tape/tape.ts';
import type { BundleFacts, EventSink } from '../../verdict/event.ts';
import type { Cell } from '../../verdict/cell.ts';
import { type MinorSkew, skewsOf } from '../../verdict/minor-skew.ts';
import { formatLsn } from '../../wal/lsn.ts';
import { bundleServers } from './bundle-servers.ts';
import { wholeLifePlan } from '../capture/capture-plan.ts';
import { chooseMajors } from './choose-majors.ts';
import { imageOfMajor, referenceBundleMajors, referenceMajorsOf } from './compute-image.ts';
import type { GateOptions } from '../gate-options.ts';
import { GatePlan, type GateShape } from '../plan/gate-plan.ts';
import type { GateInputs } from './gate-inputs.ts';
import type { OpenedBundle } from './opened-bundle.ts';
import { type GivenTape, openGivenTapes } from '../replay/given-tapes.ts';
import { openHosts } from './open-hosts.ts';
import { ensureTape } from '../capture/tape-cache.ts';
import { tapeShape } from '../plan/tape-shape.ts';
import { openReferenceBundle } from './reference-bundle.ts';
import { statedOptions } from '../stated-options.ts';
import { serversOfCaptures, serversOfGiven } from '../replay/tape-servers.ts';

/** What a run needs besides its options: where its events go and who is told about long steps. */
export interface GateSurroundings {
  readonly log: EventSink;
  readonly reportDirectory: string;
  readonly progress: Progress;
  /** Everything opened is handed over to it, to be closed in reverse order. */
  readonly stack: AsyncDisposableStack;
  /** Of a run that is one part of a larger one; absent: the run is a whole. */
  readonly part?: GatePart;
}

/** What a part of a larger run is given by that run. */
export interface GatePart {
  /** Opened, by name: those that the part needs. */
  readonly hosts: ReadonlyMap<string, Host>;
  /** The hosts of the whole run, in order, and the one against which the others are compared. */
  readonly hostNames: readonly string[];
  readonly firstHost: string;
  readonly cells: readonly Cell[];
}

/**
 * Makes or finds all that the run needs: roots, bundles, and how to come by its tapes.
 * @throws RedoubtError of kind usage (no such bundle, major or tape) or infrastructure.
 */
export async function openInputs(options: GateOptions, surroundings: GateSurroundings): Promise<GateInputs> {
  const { log, progress, stack, part } = surroundings;
  const scratch = stack.use(await temporaryDirectory('tapes made of recordings'));
  const given = openGivenTapes(options.tapes, options.majors, scratch.path);
  const early = options.candidate === undefined ? undefined : await openBundle(options.candidate, progress);
  const baselineBundle =
    options.baseline === undefined ? undefined : await openBundle(options.baseline, progress);
  const majorsOfWal =
    options.majors ??
    (given.length === 0 ? undefined : [...new Set(given.map(({ tape }) => tape.manifest.major))]);
  const bundleMajors = referenceBundleMajors(majorsOfWal);
  await ensureAllRoots(options, given.length > 0, bundleMajors, progress);
  const hosts = part?.hosts ?? (await openHosts(options, surroundings));
  const hostNames = part?.hostNames ?? [...hosts.keys()];
  const firstHost = [...hosts.values()][0];
  if (firstHost === undefined) throw new RedoubtError('usage', 'no-host', 'no host to run on');
  const candidate = await describeBundle(
    'candidate',
    early ?? (await openBundle((await ensureReferenceBundle(progress, bundleMajors)).path, progress)),
    [...hosts.values()],
    surroundings,
  );
  const baseline =
    baselineBundle === undefined
      ? undefined
      : await describeBundle('baseline', baselineBundle, [...hosts.values()], surroundings);
  const majors = chooseMajors(
    options,
    given.map(({ tape }) => tape),
    candidate,
    baseline,
  );
  for (const { label, tape } of given) {
    for (const opened of baseline === undefined ? [candidate] : [candidate, baseline])
      requireFlavour(label, tape, opened);
  }
  const skews = await findSkews(majors, given, candidate, options, progress);
  const shape: GateShape = {
    suites: options.suites,
    majors,
    hosts: hostNames,
    ...(part === undefined ? {} : { firstHost: part.firstHost }),
    layout: candidate.bundle.layout,
    hasBaseline: baseline !== undefined,
    hasPin: options.lock !== undefined,
    initdbMatrix: options.initdbMatrix,
    locales: options.locales,
    kernelFloor: options.kernelFloor,
    ...tapeShape(given, options.captures),
    skews,
    ...(options.only === undefined ? {} : { only: options.only }),
  };
  const plan = part === undefined ? new GatePlan(shape) : new GatePlan(shape, part.cells);
  for (const skew of skews) log.append({ type: 'skew', skew });
  if (options.policy !== undefined) log.append({ type: 'policy', policy: options.policy });
  if (options.lock !== undefined) log.append({ type: 'pin', pin: pinFactsOf(options.lock) });
  const only = options.only === undefined ? {} : { only: options.only.words };
  log.append({
    type: 'options',
    options: { ...statedOptions(options, { majors, hosts: hostNames }), ...only },
  });
  return {
    plan,
    hosts,
    candidate,
    baseline,
    openTape: async (major, label) => {
      const own = given.find((each) => each.tape.manifest.major === major && each.label === label);
      const tape = own?.tape ?? (await captured(major, label));
      if (own === undefined) requireFlavour(label, tape, candidate);
      logTape(log, label, tape, own === undefined ? imageOfMajor(options.computeImages, major).name : null);
      return tape;
    },
    openInitdbBundle,
    openCompute: async (major) => {
      const { name, recipe } = imageOfMajor(options.computeImages, major);
      const root = await ensureRoot(recipe, progress);
      return { name, host: stack.use(await openChrootHost(name, root.path, progress)) };
    },
    answerTimeoutMs: options.answerTimeoutMs,
    policy: options.policy,
    lock: options.lock,
    log,
    reportDirectory: surroundings.reportDirectory,
    progress,
  };

  // Two static programs make no data directory (the contract suite says why); their walredo can still be judged.
  async function openInitdbBundle(major: number): Promise<Bundle> {
    return candidate.bundle.layout === 'static' ? openReferenceBundle(major, progress) : candidate.bundle;
  }

  async function captured(major: number, label: string): Promise<Tape> {
    const plan = [...options.captures, wholeLifePlan].find((each) => each.label === label);
    if (plan === undefined || firstHost === undefined)
      throw new RedoubtError('usage', 'unknown-tape', `there is no capture named ${label}`);
    return ensureTape({
      plan,
      major,
      computeRoot: await ensureRoot(imageOfMajor(options.computeImages, major).recipe, progress),
      bundle: await openInitdbBundle(major),
      initdbHost: firstHost,
      progress,
    });
  }
}

async function findSkews(
  majors: readonly number[],
  given: readonly GivenTape[],
  { servers }: OpenedBundle,
  { computeImages, captures }: GateOptions,
  progress: Progress,
): Promise<readonly MinorSkew[]> {
  const skews = majors.map(async (major) => {
    const tapes =
      given.length > 0
        ? serversOfGiven(given.filter(({ tape }) => tape.manifest.major === major))
        : await serversOfCaptures(imageOfMajor(computeImages, major), captures, progress);
    return skewsOf(major, servers.get(major) ?? '', tapes);
  });
  return (await Promise.all(skews)).flat();
}

/** Makes, as much of it at a time as there are cores, what the run needs sooner or later. */
async function ensureAllRoots(
  options: GateOptions,
  tapesGiven: boolean,
  bundleMajors: readonly number[],
  progress: Progress,
): Promise<void> {
  const { candidate, computeImages, hosts } = options;
  // A bundle that was given must be asked first which majors it has.
  const majors = options.majors ?? (candidate === undefined ? referenceMajorsOf(computeImages) : []);
  await ensureRoots(
    [
      ...hosts.flatMap((host) => (isMadeHere(host) ? [hostRecipe(host.name)] : [])),
      ...(tapesGiven ? [] : majors.map((major) => imageOfMajor(computeImages, major).recipe)),
      ...(candidate === undefined ? referenceRecipes(bundleMajors) : []),
    ],
    progress,
  );
}

async function describeBundle(
  role: BundleFacts['role'],
  bundle: Bundle,
  hosts: readonly Host[],
  { log }: GateSurroundings,
): Promise<OpenedBundle> {
  const servers = await bundleServers(bundle, hosts);
  const flavour = await bundleFlavour(bundle);
  const notes = await bundleNotes(bundle);
  log.append({
    type: 'bundle',
    bundle: {
      role,
      source: bundle.source,
      digest: bundle.digest,
      layout: bundle.layout,
      flavour,
      servers: Object.fromEntries([...servers].map(([major, version]) => [String(major), version])),
      ...(notes.length === 0 ? {} : { notes }),
    },
  });
  return { role, bundle, servers, flavour };
}

/** @throws RedoubtError `flavour-mixed` (usage): such a replay would fail, or make wrong pages, and prove nothing. */
function requireFlavour(label: string, { manifest }: Tape, { role, bundle, flavour }: OpenedBundle): void {
  if (flavour === 'unknown' || flavour === manifest.flavour) return;
  throw new RedoubtError(
    'usage',
    'flavour-mixed',
    `the tape ${label} carries WAL of the flavour ${manifest.flavour}, the ${role} ${bundle.source} is ${flavour}`,
    { remedy: 'Replay it with a bundle of the server that wrote it.' },
  );
}

function logTape(
  log: EventSink,
  label: string,
  { directory, digest, manifest }: Tape,
  compute: string | null,
): void {
  const { counts } = manifest;
  log.append({
    type: 'tape',
    tape: {
      label,
      digest,
      major: manifest.major,
      compute,
      serverVersion: manifest.serverVersion,
      flavour: manifest.flavour,
      fullPageWrites: manifest.fullPageWrites,
      checksums: manifest.checksums,
      workload: manifest.workload,
      requests: counts.requests,
      records: counts.records,
      requestsOnPushedBase: counts.requestsOnPushedBase,
      recordsOnPushedBase: counts.recordsOnPushedBase,
      notJudged: counts.notJudged,
      startLsn: formatLsn(manifest.startLsn),
      endLsn: formatLsn(manifest.endLsn),
      directory,
    },
  });
}
