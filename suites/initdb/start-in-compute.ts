import { RedoubtError } from '../../harness/error.ts';
import type { ForeignCluster } from '../../harness/compute/foreign-cluster.ts';
import type { VersionMismatch } from '../../harness/compute/recorded-versions.ts';
import type { Examination, Promised } from '../promise.ts';
import { requireSuccess } from './judge-trees.ts';

/** What initdb records, a compute node checks. */
export function startsInCompute(): Promised {
  return {
    id: 'start-in-compute',
    text: 'a server of the compute image starts on the data directory, and has the version that is recorded of every collation and database',
    examine: async (examination) => {
      const { gate, cell } = examination;
      const run = requireSuccess(await gate.initdb(gate.candidate, cell.major, cell.host), 'initdb');
      const { name: image } = await gate.compute(cell.major);
      const cluster = await gate.foreignCluster(cell.major, run).catch(async (error: unknown) => {
        await refuseToBlame(examination, error);
      });
      if (cluster !== undefined) judge(examination, cluster, image);
    },
  };
}

/** A server that starts on its own cluster, but not on this one, has the bundle to blame. Throws what it is not to blame for. */
async function refuseToBlame({ gate, cell, found }: Examination, error: unknown): Promise<void> {
  if (!(error instanceof RedoubtError) || error.code !== 'server-start-failed') throw error;
  const { run, image } = await gate.vanillaInitdb(cell.major);
  await gate.foreignCluster(cell.major, run);
  found({
    code: 'compute-start-failed',
    message: `the server of ${image} starts on its own data directory, but not on the bundle's: ${error.message}`,
  });
}

function judge({ found, note }: Examination, cluster: ForeignCluster, image: string): void {
  const { mismatches, complaints, warningOfUse } = cluster;
  for (const [step, rows] of Map.groupBy(mismatches, stepOf)) {
    const names = rows.map(({ name }) => name);
    const more = names.length > 5 ? ` and ${String(names.length - 5)} more` : '';
    found({
      code: 'collation-version-mismatch',
      message: `${step} in ${image}: ${names.slice(0, 5).join(', ')}${more}${warningOfUse === undefined ? '' : `; its server says: ${warningOfUse}`}`,
      details: {
        recorded: rows[0]?.recorded ?? 'none',
        actual: rows[0]?.actual ?? 'none',
        names,
      },
    });
  }
  if (mismatches.length === 0 && complaints.length > 0) {
    found({
      code: 'compute-start-warns',
      message: `the server of ${image} complains of the data directory: ${complaints[0] ?? ''}`,
      details: { complaints: complaints.slice(0, 20) },
    });
  }
  if (mismatches.length + complaints.length === 0)
    note(`${image} starts on it and has every recorded collation version`);
}

function stepOf({ kind, provider, recorded, actual }: VersionMismatch): string {
  return `${provider} ${kind}s recorded with version ${recorded ?? 'none'} have version ${actual ?? 'none'}`;
}
