import { readdir } from 'node:fs/promises';

import type { InitdbRun } from '../../harness/gate/initdb/initdb-run.ts';
import { pageserverCase } from '../../harness/gate/initdb/initdb-cases.ts';
import { judgeCluster } from '../../harness/verdict/cluster-judgement.ts';
import { describeInitdbFailure } from '../../harness/verdict/initdb-failure.ts';
import type { Examination, Promised } from '../promise.ts';

/** By itself, whatever others make. */
export function makesDataDirectory(): Promised {
  return {
    id: 'data-directory',
    text: "initdb with a pageserver's options makes a whole data directory of its major, as it was asked for, in /inout/data, and nothing beside it",
    examine: async (examination) => {
      const { gate, cell } = examination;
      const run = await gate.initdb(gate.candidate, cell.major, cell.host);
      if (!run.succeeded) {
        examination.found(describeInitdbFailure(run.process.ending, run.process.stderr));
        return;
      }
      if (!(await judgePlace(examination, run))) return;
      const findings = judgeCluster(run.tree, cell.major, pageserverCase(cell.major).asked);
      for (const finding of findings) examination.found(finding);
    },
  };
}

/** Whether there is a data directory where it was asked for. */
async function judgePlace({ found }: Examination, { inout }: InitdbRun): Promise<boolean> {
  const entries = await readdir(inout, { withFileTypes: true });
  const strangers = entries.map(({ name }) => name).filter((name) => name !== 'data');
  if (!entries.some((entry) => entry.name === 'data' && entry.isDirectory())) {
    found({
      code: 'initdb-wrong-place',
      message: `initdb ended well, but there is no folder /inout/data; it wrote ${list(entries.map(({ name }) => name))}`,
    });
    return false;
  }
  if (strangers.length > 0) {
    found({
      code: 'initdb-wrong-place',
      message: `initdb also wrote outside of --pgdata: ${list(strangers)}`,
    });
  }
  return true;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.slice(0, 10).join(', ');
}
