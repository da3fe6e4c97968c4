import { judgeExitCode, judgeFlags, judgeRefusals } from '../../harness/contract/launcher-arguments.ts';
import { judgeSignals } from '../../harness/contract/signals.ts';
import { judgeTwoMajors } from '../../harness/contract/two-majors.ts';
import { promiseForEachCell, type Promised } from '../promise.ts';
import { answeredReplay, behaves, behavesOnTape } from './behaviour.ts';

/* "inside the chroot, run `/LAUNCHER VERSION PG_BINARY [FLAGS...]`"; "and then `exec`s the correct binary" */

promiseForEachCell('contract', (cell, { shape, firstHost }) => {
  if (cell.host !== firstHost) return [];
  const other = shape.majors[(shape.majors.indexOf(cell.major) + 1) % shape.majors.length] ?? cell.major;
  const beside = other === cell.major ? [] : [besideAnother(other)];
  return shape.layout === 'chroot' ? [...launcherPromises(), ...beside] : beside;
});

function launcherPromises(): readonly Promised[] {
  return [
    behaves(
      'launcher-flags',
      'LAUNCHER passes flags on unchanged: words with blanks, line breaks, quotes, wildcards, and empty ones',
      (_, subject) => judgeFlags(subject),
    ),
    behaves(
      'launcher-exit-code',
      "the exit code that LAUNCHER's caller sees is the program's own",
      (_, subject) => judgeExitCode(subject),
    ),
    behaves(
      'launcher-signals',
      "a signal that ends the program is what LAUNCHER's caller sees",
      (_, subject) => judgeSignals(subject),
    ),
    behaves(
      'refusals',
      'LAUNCHER answers an unknown, empty or missing version or program, and one that is a path, with an error',
      (_, subject) => judgeRefusals(subject),
    ),
  ];
}

function besideAnother(other: number): Promised {
  return behavesOnTape(
    'two-majors',
    `walredo answers the same while that of v${String(other)} runs out of the same bundle`,
    async (examination, subject, { tape, process }) => {
      const second = { ...subject, major: other };
      const plain = await answeredReplay(examination, second);
      return judgeTwoMajors(
        { subject, tape, plain: process.stdout },
        { subject: second, tape: plain.tape, plain: plain.process.stdout },
      );
    },
  );
}
