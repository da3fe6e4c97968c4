import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { judgeClosedInput } from '../../harness/contract/closed-input.ts';
import { noteForeignUid } from '../../harness/contract/foreign-uid.ts';
import { judgeVariation } from '../../harness/contract/judge-variation.ts';
import { describeEnd, hasSucceeded, walredo } from '../../harness/contract/probe.ts';
import { together, type Discovery } from '../../harness/contract/subject.ts';
import { variationGroups, type VariationGroup } from '../../harness/contract/variation.ts';
import { pageserverInitdbFlags } from '../../harness/gate/initdb/bundle-initdb.ts';
import { walredoPageSizeBytes } from '../../harness/redo/replay/message.ts';
import { areSkewed, describeSkew, versionIn } from '../../harness/verdict/minor-skew.ts';
import { namedClassWords } from '../../harness/verdict/named-class.ts';
import { judgePages, tapeStandard } from '../../harness/verdict/page-judgement.ts';
import { keepEvidence } from '../page-evidence.ts';
import { promiseForEachCell, type Promised } from '../promise.ts';
import { behaves, behavesOnTape, plainReplay } from './behaviour.ts';

/* "The bundle is self-contained, i.e., it behaves the same way on any Linux system." */

promiseForEachCell('contract', (cell, { shape, firstHost }) => {
  const isFirst = cell.host === firstHost;
  // A bundle that is chrooted into sees nothing of its host: what it does on one it does on all.
  const isVaried = isFirst || shape.layout !== 'chroot';
  return [
    answersKeptTape(),
    ...(isVaried ? variationGroups(shape.layout).map(doesNotMatter) : []),
    ...(isVaried ? [withoutInput(), withoutPasswdEntry()] : []),
  ];
});

function answersKeptTape(): Promised {
  return behaves(
    'kept-tape',
    'walredo answers the small tape that is kept of the major, in its own root and with an empty environment, with the pages that recovery made',
    async (examination, subject) => {
      const { gate, cell, compared } = examination;
      const { tape, process } = await plainReplay(examination, subject);
      if (!hasSucceeded(process)) {
        const message = `walredo does not answer the tape that is kept of its major: it ${describeEnd(process)}`;
        return { findings: [{ code: 'launch-failed', message }], notes: [] };
      }
      const strayBytes = process.stdout.length - tape.index.length * walredoPageSizeBytes;
      if (strayBytes > 0) {
        const message = `walredo wrote ${String(strayBytes)} bytes more than its answers to the tape that is kept of its major`;
        return { findings: [{ code: 'walredo-extra-bytes', message }], notes: [] };
      }
      const path = join(subject.scratch, 'pages');
      writeFileSync(path, process.stdout);
      const server = gate.candidate.servers.get(cell.major) ?? '';
      const isSkewed = areSkewed(server, tape.manifest.serverVersion);
      const pages = Math.floor(process.stdout.length / walredoPageSizeBytes);
      const answers = [{ firstRequest: 0, pages, path }];
      const { tallies, findings, named } = judgePages(
        tape,
        answers,
        tapeStandard(tape, isSkewed),
        keepEvidence(examination, tape),
      );
      for (const tally of tallies) compared(tally);
      return {
        findings,
        notes: [
          ...(isSkewed
            ? [describeSkew({ wal: tape.manifest.serverVersion, bundle: versionIn(server) ?? '' })]
            : []),
          ...named.map(({ class: name, subject }) => `${name}: ${subject} ${namedClassWords[name]}`),
        ],
      };
    },
  );
}

function doesNotMatter({ id, text, variations }: VariationGroup): Promised {
  return behavesOnTape(id, text, async (_, subject, { tape, requests, process }) => {
    const discoveries: Discovery[] = [];
    for (const variation of variations)
      discoveries.push(await judgeVariation(subject, tape, requests, process, variation));
    return together(discoveries);
  });
}

function withoutInput(): Promised {
  return behaves(
    'closed-input',
    'both programs start though standard input is closed, and walredo then ends by itself, without an answer',
    (_, subject) => judgeClosedInput(subject),
  );
}

function withoutPasswdEntry(): Promised {
  return behaves(
    'foreign-uid',
    'what both programs do as a user without a passwd entry is noted (nothing is promised of it)',
    async ({ cell }, subject) =>
      noteForeignUid(subject, [{ name: 'initdb', flags: pageserverInitdbFlags(cell.major) }, walredo]),
  );
}
