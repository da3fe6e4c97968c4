import { join } from 'node:path';

import { RedoubtError } from '../../harness/error.ts';
import { type FloorRun, machineKernel } from '../../harness/gate/kernel-floor.ts';
import { openKeptTape } from '../../harness/gate/replay/kept-tape.ts';
import { DataTree } from '../../harness/verdict/data-tree.ts';
import { type FloorSubject, judgeFloorEnd, judgeFloorPages } from '../../harness/verdict/floor-judgement.ts';
import { runSpecificRules } from '../../harness/verdict/tree-rules.ts';
import { judgeTrees, requireSuccess } from '../initdb/judge-trees.ts';
import { keepEvidence } from '../page-evidence.ts';
import { promiseForEachCell, type Examination, type Promised } from '../promise.ts';

/* "The only ambient runtime dependency is the Linux kernel. The minimum Linux kernel version is 5.10." */

promiseForEachCell('contract', ({ host }, { firstHost, shape }) =>
  host === firstHost ? [samePages(), ...(shape.kernelFloor ? [sameDataDirectory()] : [])] : [],
);

function samePages(): Promised {
  return {
    id: 'kernel-5.10',
    text: "walredo under a real Linux 5.10 answers every request of the kept tape with the same bytes as under this machine's kernel",
    examine: async (examination) => {
      const { gate, cell } = examination;
      const tape = await openKeptTape(cell.major, gate.candidate);
      const floor = await gate.kernelFloor();
      const walredo = floor.walredo.get(cell.major);
      if (walredo === undefined) throw notRun('walredo');
      noteKernels(examination, floor);
      const findings = judgeFloorPages(
        subject('walredo', cell.major, floor),
        walredo,
        keepEvidence(examination, tape),
      );
      for (const finding of findings) examination.found(finding);
      examination.note(`${String(tape.index.length)} pages compared with those under ${machineKernel()}`);
    },
  };
}

function sameDataDirectory(): Promised {
  return {
    id: 'kernel-5.10-initdb',
    text: "initdb under a real Linux 5.10 makes the same data directory, every page of it, as under this machine's kernel, but for identifiers and times",
    examine: async (examination) => {
      const { gate, cell } = examination;
      const floor = await gate.kernelFloor();
      const here = await gate.initdb(gate.candidate, cell.major, cell.host);
      noteKernels(examination, floor);
      const there = floor.initdb.get(cell.major);
      if (there === undefined) throw notRun('initdb');
      const end = judgeFloorEnd(
        subject('initdb', cell.major, floor),
        there,
        here.succeeded ? 'it ends well' : 'it fails as well',
      );
      if (end.kind === 'badly') {
        examination.found(end.finding);
        return;
      }
      judgeTrees(examination, {
        expected: requireSuccess(here, `initdb under ${machineKernel()}`).tree,
        actual: new DataTree(join(end.ended.inout, 'data')),
        against: `what initdb makes under ${machineKernel()}`,
        rules: runSpecificRules,
      });
    },
  };
}

function subject(program: string, major: number, { kernel }: FloorRun): FloorSubject {
  return { program: `${program} of v${String(major)}`, kernel, machine: machineKernel() };
}

function notRun(program: string): RedoubtError {
  return new RedoubtError('infrastructure', 'guest-failed', `${program} was not run under Linux 5.10`);
}

function noteKernels({ note }: Examination, { kernel }: FloorRun): void {
  note(`under ${kernel}, emulated`);
}
