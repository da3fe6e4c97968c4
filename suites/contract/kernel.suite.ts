import { statSync } from 'node:fs';
import { join } from 'node:path';

import { RedoubtError } from '../../harness/error.ts';
import type { FloorRun } from '../../harness/gate/kernel-floor.ts';
import { machineKernel } from '../../harness/gate/kernel-floor.ts';
import { openKeptTape } from '../../harness/gate/kept-tape.ts';
import type { EndedInGuest, GuestOutcome } from '../../harness/host/kernel/guest-outcome.ts';
import { walredoPageSizeBytes } from '../../harness/redo/message.ts';
import { describeEnding } from '../../harness/redo/replay-fault.ts';
import { DataTree } from '../../harness/verdict/data-tree.ts';
import { judgePages } from '../../harness/verdict/page-judgement.ts';
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
      const tape = openKeptTape(cell.major, gate.candidate);
      const floor = await gate.kernelFloor();
      const walredo = floor.walredo.get(cell.major);
      noteKernels(examination, floor);
      const ended = endedWell(examination, floor, walredo?.there, 'walredo', () => {
        const first = walredo?.here.faults[0];
        return first === undefined ? 'it answers all requests' : `it fails as well (${first.kind})`;
      });
      if (ended === undefined || walredo === undefined) return;
      const pages = Math.floor(statSync(ended.stdoutPath).size / walredoPageSizeBytes);
      const { findings } = judgePages(
        tape,
        [{ firstRequest: 0, pages: Math.min(pages, tape.index.length), path: ended.stdoutPath }],
        {
          kind: 'hosts',
          isSkewed: false,
          answers: walredo.here.runs,
          nameOf: () => `the answer under ${machineKernel()}`,
        },
        keepEvidence(examination, tape),
      );
      for (const finding of findings) examination.found({ ...finding, code: 'kernel-pages-differ' });
      examination.note(
        `${String(tape.index.length)} pages, ${String(findings.length)} differences${findings.length === 20 ? ' or more' : ''}`,
      );
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
      const ended = endedWell(examination, floor, floor.initdb.get(cell.major), 'initdb', () =>
        here.succeeded ? 'it ends well' : 'it fails as well',
      );
      if (ended === undefined) return;
      judgeTrees(examination, {
        expected: requireSuccess(here, `initdb under ${machineKernel()}`).tree,
        actual: new DataTree(join(ended.inout, 'data')),
        against: `what initdb makes under ${machineKernel()}`,
        rules: runSpecificRules,
      });
    },
  };
}

function noteKernels({ note }: Examination, { kernel }: FloorRun): void {
  note(`under ${kernel}, emulated; compared with ${machineKernel()}`);
}

/**
 * The process, if it ended well; else what it did is found, with what it does on this machine. Throws
 * `emulator-lacks-instruction`, or what kept the process from being started: neither is the bundle's fault.
 */
function endedWell(
  { found, cell }: Examination,
  { kernel }: FloorRun,
  outcome: GuestOutcome | undefined,
  program: string,
  whatItDoesHere: () => string,
): EndedInGuest | undefined {
  const subject = `${program} of v${String(cell.major)}`;
  if (outcome === undefined)
    throw new RedoubtError('infrastructure', 'guest-failed', `${subject} was not run under Linux 5.10`);
  const whereas = `; under ${machineKernel()} ${whatItDoesHere()}`;
  if (outcome.kind === 'not started') {
    if (outcome.error.code !== 'exec-failed') throw outcome.error;
    found({
      code: 'kernel-floor',
      message: `${subject} cannot be started under ${kernel}: ${outcome.error.message}${whereas}`,
    });
    return undefined;
  }
  const { ending } = outcome.result;
  if (ending.kind === 'exited' && ending.exitCode === 0) return outcome;
  if (ending.kind === 'signaled' && ending.signal === 'SIGILL')
    throw new RedoubtError(
      'infrastructure',
      'emulator-lacks-instruction',
      `${subject} was killed by SIGILL in the emulated machine, whose processor may lack what this one has`,
      { remedy: 'Try it on a machine that runs Linux 5.10.' },
    );
  const words = outcome.stderr.trim();
  found({
    code: 'kernel-floor',
    message:
      `${subject} ${describeEnding(ending)} under ${kernel}, ` +
      `${words === '' ? 'saying nothing' : `saying: ${words.slice(-300)}`}${meaning(words)}${whereas}`,
    details: { kernel, machine: machineKernel(), stderr: words.slice(-4000) },
  });
  return undefined;
}

/** What the loader says when the ABI note of a program or library names a kernel that is newer than this one. */
function meaning(words: string): string {
  return /kernel too old/i.test(words)
    ? ' (its ABI note, `readelf --notes`, names a newer kernel as the oldest that it runs under)'
    : '';
}
