import { judgeAmbient } from '../../harness/contract/ambient.ts';
import { judgeKernelFloor } from '../../harness/contract/kernel-floor.ts';
import { observeRuns, type ObservedRun } from '../../harness/contract/observed-run.ts';
import { judgeSameProcess } from '../../harness/contract/same-process.ts';
import { together, type Subject } from '../../harness/contract/subject.ts';
import { pageserverInitdbFlags } from '../../harness/gate/initdb/bundle-initdb.ts';
import { ofHost, share } from '../../harness/gate/shared-work.ts';
import { promiseForEachCell, type Examination, type Promised } from '../promise.ts';
import { behavesOnTape, type PlainReplay } from './behaviour.ts';

/* "The only ambient runtime dependency is the Linux kernel. The minimum Linux kernel version is 5.10." */

promiseForEachCell('contract', (cell, { shape, firstHost }) => {
  const isFirst = cell.host === firstHost;
  const isChroot = shape.layout === 'chroot';
  return [
    ...(isFirst || !isChroot ? [leansOnNothing(), runsOnOldestKernel()] : []),
    ...(isFirst && isChroot ? [becomesTheProgram()] : []),
  ];
});

function leansOnNothing(): Promised {
  return behavesOnTape(
    'ambient',
    'initdb and walredo use nothing but the bundle, /inout and the devices that they are given',
    async (examination, subject, plain) =>
      judgeAmbient(await observed(examination, subject, plain), subject.bundle.layout),
  );
}

function runsOnOldestKernel(): Promised {
  return behavesOnTape(
    'kernel-floor',
    'initdb and walredo do their work, with the same pages, when every system call younger than Linux 5.10 is answered with ENOSYS',
    async (examination, subject, plain) => {
      const runs = await observed(examination, subject, plain);
      const { gate, cell } = examination;
      const ordinary = {
        tape: plain.tape,
        answers: plain.process.stdout,
        initdbSucceeds: async () => (await gate.initdb(gate.candidate, cell.major, cell.host)).succeeded,
      };
      return together(await Promise.all(runs.map((run) => judgeKernelFloor(run, ordinary))));
    },
  );
}

function becomesTheProgram(): Promised {
  return behavesOnTape(
    'launcher-exec',
    'LAUNCHER becomes the program: what answers has the pid that was started',
    async (examination, subject, plain) => {
      const runs = await observed(examination, subject, plain);
      return together(runs.filter(({ program }) => program === 'walredo').map(judgeSameProcess));
    },
  );
}

function observed(
  { gate, cell }: Examination,
  subject: Subject,
  { tape }: PlainReplay,
): Promise<readonly ObservedRun[]> {
  return share(gate, ofHost(cell.major, cell.host, 'observed'), () =>
    observeRuns(subject, pageserverInitdbFlags(cell.major), tape.requestsPath),
  );
}
