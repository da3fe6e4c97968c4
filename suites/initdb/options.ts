import type { InitdbCase } from '../../harness/gate/initdb/initdb-cases.ts';
import type { InitdbRun } from '../../harness/gate/initdb/initdb-run.ts';
import { judgeCluster } from '../../harness/verdict/cluster-judgement.ts';
import { describeInitdbFailure } from '../../harness/verdict/initdb-failure.ts';
import { areSkewed, versionIn } from '../../harness/verdict/minor-skew.ts';
import { runSpecificRules, surroundingsRules } from '../../harness/verdict/tree-rules.ts';
import type { Examination, Promised } from '../promise.ts';
import { judgeTrees } from './judge-trees.ts';

/** With options that a pageserver does not use. */
export function obeys(wish: InitdbCase): Promised {
  return {
    id: `options-${wish.id}`,
    text: `initdb ${wish.flags.join(' ')} makes what it was asked for, and what the compute image's own initdb makes; that of another minor may differ, and what differs is noted`,
    examine: async (examination) => {
      const { gate, cell } = examination;
      const [run, vanilla] = await Promise.all([
        gate.initdb(gate.candidate, cell.major, cell.host, wish),
        gate.vanillaInitdb(cell.major, wish),
      ]);
      if (!run.succeeded) {
        const { code, message } = describeInitdbFailure(run.process.ending, run.process.stderr);
        examination.found({ code, message: `with ${wish.flags.join(' ')}: ${message}` });
      } else {
        const findings = judgeCluster(run.tree, cell.major, wish.asked);
        for (const finding of findings) examination.found(finding);
        compare(examination, run, vanilla);
      }
      await run.discard();
    },
  };
}

function compare(
  examination: Examination,
  run: InitdbRun,
  vanilla: { readonly run: InitdbRun; readonly image: string; readonly serverVersion: string },
): void {
  const { gate, cell } = examination;
  const candidate = gate.candidate.servers.get(cell.major) ?? '';
  const { image, serverVersion } = vanilla;
  judgeTrees(examination, {
    expected: vanilla.run.tree,
    actual: run.tree,
    against: `vanilla initdb ${serverVersion} of ${image}`,
    rules: [...runSpecificRules, ...surroundingsRules],
    excuse: areSkewed(candidate, serverVersion)
      ? `minor skew: initdb of ${versionIn(candidate) ?? ''} against ${serverVersion} of ${image}; what differs is noted, and no equality is claimed`
      : undefined,
  });
}
