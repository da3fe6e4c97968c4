import type { InitdbCase } from '../../harness/gate/initdb/initdb-cases.ts';
import { areSkewed, versionIn } from '../../harness/verdict/minor-skew.ts';
import { diffInitdbOutput } from '../../harness/verdict/initdb-output.ts';
import { runSpecificRules, surroundingsRules } from '../../harness/verdict/tree-rules.ts';
import type { Examination, Promised } from '../promise.ts';
import { judgeTrees, requireSuccess } from './judge-trees.ts';

/** No rule allows a difference in a page of a relation. */
export function sameInTwoRuns(): Promised {
  return {
    id: 'two-runs',
    text: 'a second run on the same host makes the same data directory, every page of it, but for identifiers and times in pg_control, pg_wal and pg_stat',
    examine: async (examination) => {
      const { gate, cell } = examination;
      const [first, second] = await Promise.all([
        candidateRun(examination),
        gate.initdb(gate.candidate, cell.major, cell.host, undefined, 'second'),
      ]);
      judgeTrees(examination, {
        expected: first.tree,
        actual: requireSuccess(second, 'its second run').tree,
        against: 'the first run',
        rules: runSpecificRules,
      });
      await second.discard();
    },
  };
}

/** The host's libraries, locales and time zone must not show. */
export function sameOnEveryHost(firstHost: string): Promised {
  return {
    id: 'hosts',
    text: `every page and setting of the data directory equals, byte for byte, what initdb makes on ${firstHost}`,
    examine: async (examination) => {
      const { gate, cell } = examination;
      const first = await gate.initdb(gate.candidate, cell.major, firstHost);
      judgeTrees(examination, {
        expected: requireSuccess(first, `initdb on ${firstHost}`).tree,
        actual: (await candidateRun(examination)).tree,
        against: `initdb on ${firstHost}`,
        rules: runSpecificRules,
      });
    },
  };
}

/** What is in the data directory, and what initdb says. */
export function sameAsVanilla(): Promised {
  return {
    id: 'vanilla',
    text: "the data directory equals what the compute image's own initdb makes, but for what it takes from the machine; that of another minor may differ, and what differs is noted",
    examine: async (examination) => {
      const { gate, cell } = examination;
      const own = await candidateRun(examination);
      const { run, image, serverVersion } = await gate.vanillaInitdb(cell.major);
      const candidate = gate.candidate.servers.get(cell.major) ?? '';
      const excuse = areSkewed(candidate, serverVersion)
        ? `minor skew: initdb of ${versionIn(candidate) ?? ''} against ${serverVersion} of ${image}; what differs is noted, and no equality is claimed`
        : undefined;
      const against = `vanilla initdb ${serverVersion} of ${image}`;
      judgeTrees(examination, {
        expected: run.tree,
        actual: own.tree,
        against,
        rules: [...runSpecificRules, ...surroundingsRules],
        excuse,
      });
      if (excuse === undefined) judgeOutput(examination, textOf(run), textOf(own), against);
    },
  };
}

/** The feature flag on and off, with a pageserver's options or others. */
export function sameAsBaseline(wish?: InitdbCase): Promised {
  const options = wish === undefined ? "a pageserver's options" : wish.flags.join(' ');
  return {
    id: wish === undefined ? 'baseline' : `baseline-${wish.id}`,
    text: `with ${options} the data directory equals that of the baseline bundle on the same host, but for what it takes from the machine; that of another minor may differ, and what differs is noted`,
    examine: async (examination) => {
      const { gate, cell } = examination;
      const { candidate, baseline } = gate;
      const [wanted, found] = [baseline, candidate].map(({ servers }) => servers.get(cell.major) ?? '') as [
        string,
        string,
      ];
      const [own, other] = await Promise.all([
        gate.initdb(candidate, cell.major, cell.host, wish),
        gate.initdb(baseline, cell.major, cell.host, wish),
      ]);
      judgeTrees(examination, {
        expected: requireSuccess(other, "the baseline bundle's initdb").tree,
        actual: requireSuccess(own, 'initdb').tree,
        against: 'the baseline bundle',
        rules: [...runSpecificRules, ...surroundingsRules],
        excuse: areSkewed(found, wanted)
          ? `minor skew: initdb of ${versionIn(found) ?? ''} against ${versionIn(wanted) ?? ''} of the baseline; what differs is noted, and no equality is claimed`
          : undefined,
      });
      // The contract suite reads the one with a pageserver's options, maybe at this moment.
      if (wish !== undefined) await other.discard();
    },
  };
}

async function candidateRun({ gate, cell }: Examination): ReturnType<typeof gate.initdb> {
  return requireSuccess(await gate.initdb(gate.candidate, cell.major, cell.host), 'initdb');
}

function judgeOutput({ found }: Examination, expected: string, actual: string, against: string): void {
  const difference = diffInitdbOutput(expected, actual);
  if (difference === undefined) return;
  const { missing, extra } = difference;
  found({
    code: 'initdb-output-differs',
    message: `initdb says "${extra.join(' | ')}", where ${against} says "${missing.join(' | ')}"`,
    details: { missing, extra },
  });
}

function textOf({
  process,
}: {
  readonly process: { readonly stdout: Buffer; readonly stderr: string };
}): string {
  return `${process.stdout.toString('utf8')}${process.stderr}`;
}
