import { RedoubtError } from '../../harness/error.ts';
import type { OpenedBundle } from '../../harness/gate/inputs/opened-bundle.ts';
import type { InitdbRun } from '../../harness/gate/initdb/initdb-run.ts';
import {
  compareArtefacts,
  factsOfBuild,
  factsOfTree,
  type ArtefactFact,
} from '../../harness/verdict/artefact-facts.ts';
import { areSkewed, versionIn } from '../../harness/verdict/minor-skew.ts';
import type { Examination, Promised } from '../promise.ts';

/** The compute image's server writes what the bundle's reads. */
export function agreesWithCompute(): Promised {
  return {
    id: 'artefacts',
    text: 'bundle and compute image are artefacts of one build: server version, catalog version, build options, libicu and libc agree; where the compute image is of another minor, what differs is noted',
    examine: async (examination) => {
      const { gate, cell } = examination;
      const { candidate } = gate;
      const made = requireMade(await gate.initdb(candidate, cell.major, cell.host), candidate);
      const { run, image, serverVersion } = await gate.vanillaInitdb(cell.major);
      const [own, compute] = await Promise.all([
        factsOf(examination, candidate),
        // Its own, where the candidate's does not do: that is for the initdb suite to judge.
        gate.foreignCluster(cell.major, made).catch(() => gate.foreignCluster(cell.major, run)),
      ]);
      const expected = [...factsOfTree(run.tree, cell.major), ...factsOfBuild(compute.build)];
      judge(examination, expected, own, {
        against: `the compute image ${image}`,
        found: candidate.servers.get(cell.major) ?? '',
        wanted: serverVersion,
      });
    },
  };
}

/** The feature flag on and off. */
export function agreesWithBaseline(): Promised {
  return {
    id: 'baseline-artefacts',
    text: 'bundle and baseline are artefacts of one build: server version, catalog version, build options, libicu and libc agree; where the baseline is of another minor, what differs is noted',
    examine: async (examination) => {
      const { gate, cell } = examination;
      const { baseline, candidate } = gate;
      const [own, other] = [await factsOf(examination, candidate), await factsOf(examination, baseline)];
      judge(examination, other.facts, own, {
        against: 'the baseline bundle',
        found: candidate.servers.get(cell.major) ?? '',
        wanted: baseline.servers.get(cell.major) ?? '',
      });
      if (other.silence !== undefined)
        examination.note(`the baseline does not tell its build: ${other.silence}`);
    },
  };
}

interface BundleFacts {
  readonly facts: readonly ArtefactFact[];
  /** Why its server did not tell how it was built; undefined when it did. */
  readonly silence: string | undefined;
}

interface Servers {
  readonly against: string;
  readonly found: string;
  readonly wanted: string;
}

function judge(
  { found: report, note }: Examination,
  expected: readonly ArtefactFact[],
  own: BundleFacts,
  { against, found, wanted }: Servers,
): void {
  // What only one side can tell is no disagreement.
  const told = new Set(own.silence === undefined ? undefined : own.facts.map(({ name }) => name));
  const comparable = expected.filter(({ name }) => own.silence === undefined || told.has(name));
  const findings = compareArtefacts(comparable, own.facts, against);
  const isSkewed = areSkewed(found, wanted);
  if (own.silence !== undefined) note(`build options not compared: ${own.silence}`);
  if (isSkewed)
    note(
      `minor skew: PostgreSQL ${versionIn(found) ?? ''} against ${versionIn(wanted) ?? ''} of ${against}, so they are not of one build`,
    );
  for (const finding of findings) {
    if (isSkewed) note(finding.message);
    else report(finding);
  }
  if (findings.length === 0)
    note(
      `${String(comparable.length)} facts of version, catalog, build options and libraries agree with ${against}`,
    );
}

async function factsOf({ gate, cell }: Examination, opened: OpenedBundle): Promise<BundleFacts> {
  const run = requireMade(await gate.initdb(opened, cell.major, cell.host), opened);
  const build = await gate.bundleBuild(opened, cell.major, cell.host);
  const facts = factsOfTree(run.tree, cell.major);
  return build.kind === 'facts'
    ? { facts: [...facts, ...factsOfBuild(build.facts)], silence: undefined }
    : { facts, silence: build.why };
}

/** Throws `initdb-unsuccessful`: without a data directory there is little to say. */
function requireMade(run: InitdbRun, { role }: OpenedBundle): InitdbRun {
  if (run.succeeded) return run;
  throw new RedoubtError(
    'infrastructure',
    'initdb-unsuccessful',
    `initdb of the ${role} failed, so its build cannot be compared: ${run.process.stderr.trim().slice(-200)}`,
    { remedy: 'See the initdb suite, which judges this.' },
  );
}
