import { chosenCases } from '../../harness/gate/initdb/initdb-cases.ts';
import { promiseForEachCell } from '../promise.ts';
import { makesDataDirectory } from './data-directory.ts';
import { obeys } from './options.ts';
import { sameAsBaseline, sameAsVanilla, sameInTwoRuns, sameOnEveryHost } from './same-trees.ts';
import { startsInCompute } from './start-in-compute.ts';
import { workingAhead } from './work-ahead.ts';

/*
 * "the `initdb` process, behaving like a vanilla Postgres `initdb`"; "/inout is reserved, e.g., for `initdb` output";
 * "it behaves the same way on any Linux system"; "some dependencies impact compatibility between Storage and Compute".
 */

promiseForEachCell('initdb', (cell, { firstHost, shape }) => {
  const cases = chosenCases(cell.major, shape.hosts.indexOf(cell.host), shape.initdbMatrix);
  return [
    workingAhead(makesDataDirectory(), cases),
    sameInTwoRuns(),
    ...(cell.host === firstHost ? [] : [sameOnEveryHost(firstHost)]),
    sameAsVanilla(),
    startsInCompute(),
    ...(shape.hasBaseline ? [sameAsBaseline(), ...cases.map(sameAsBaseline)] : []),
    ...cases.map(obeys),
  ];
});
