import type { InitdbCase } from '../../harness/gate/initdb/initdb-cases.ts';
import type { InitdbRun } from '../../harness/gate/initdb/initdb-run.ts';
import type { Examination, Promised } from '../promise.ts';

/** The first promise of a cell, with which the work of the others begins; `cases` are the options that they try. */
export function workingAhead(promised: Promised, cases: readonly InitdbCase[]): Promised {
  return {
    ...promised,
    examine: async (examination) => {
      examination.gate.ahead(worksOf(examination, cases));
      await promised.examine(examination);
    },
  };
}

/** In the order in which the checks need it; of many cases one, since each data directory takes disk. */
function worksOf(
  { gate, cell }: Examination,
  cases: readonly InitdbCase[],
): readonly (() => Promise<unknown>)[] {
  const { candidate } = gate;
  const first = (): Promise<InitdbRun> => gate.initdb(candidate, cell.major, cell.host);
  return [
    first,
    () => gate.initdb(candidate, cell.major, cell.host, undefined, 'second'),
    () => gate.vanillaInitdb(cell.major),
    async () => gate.foreignCluster(cell.major, await first()),
    ...cases
      .slice(0, 1)
      .flatMap((wish) => [
        () => gate.initdb(candidate, cell.major, cell.host, wish),
        () => gate.vanillaInitdb(cell.major, wish),
      ]),
  ];
}
