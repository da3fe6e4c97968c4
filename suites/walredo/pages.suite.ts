import { RedoubtError } from '../../harness/error.ts';
import type { Replayed } from '../../harness/gate/gate-run.ts';
import type { OpenedBundle } from '../../harness/gate/inputs/opened-bundle.ts';
import { describeFault, type ReplayFault } from '../../harness/redo/replay/replay-fault.ts';
import type { Tape } from '../../harness/redo/tape/tape.ts';
import type { FindingCode } from '../../harness/verdict/finding-code.ts';
import { areSkewed, describeSkew, type MinorSkew } from '../../harness/verdict/minor-skew.ts';
import { namedClassWords } from '../../harness/verdict/named-class.ts';
import { judgePages, tapeStandard, type PageStandard } from '../../harness/verdict/page-judgement.ts';
import { suspicionWords } from '../../harness/verdict/record-suspicion.ts';
import { keepEvidence } from '../page-evidence.ts';
import { keepHistories, soundSide, type OtherSide } from '../page-histories.ts';
import { promiseForEachCell, type Examination, type Promised } from '../promise.ts';

/* "`postgres --wal-redo` mode process following the walredo protocol"; "it behaves the same way on any Linux system". */

promiseForEachCell('walredo', (cell, plan) => {
  const { shape, firstHost } = plan;
  const labels = shape.tapeLabels(cell.major);
  return [
    ...labels.map((label) => {
      const skew = plan.skewOf(cell.major, label);
      if (!shape.hasOracle(label)) return answersEverything(label);
      return skew === undefined ? equalsOracle(label) : agreesAcrossMinors(label, skew);
    }),
    ...(cell.host === firstHost ? [] : labels.map((label) => equalsFirstHost(label, firstHost))),
    ...(shape.hasBaseline ? labels.map((label) => equalsBaseline(label)) : []),
  ];
});

function equalsOracle(label: string): Promised {
  return {
    id: `recovery-${label}`,
    text: `walredo answers every request of the tape "${label}", and every page equals in every byte what recovery made of the same WAL, or what the pageserver must have in between`,
    examine: async (examination) => {
      const replayed = await candidateAnswers(examination, label);
      judgeConduct(examination, replayed);
      await judge(examination, replayed, tapeStandard(replayed.tape), soundSide);
      noteOpenForks(examination, replayed);
    },
  };
}

function agreesAcrossMinors(label: string, skew: MinorSkew): Promised {
  return {
    id: `skew-${label}`,
    text: `walredo answers every request of the tape "${label}" across a minor skew (${describeSkew(skew)}), and pages differ from recovery by the WAL's own minor, if at all, in a named class`,
    examine: async (examination) => {
      const replayed = await candidateAnswers(examination, label);
      judgeConduct(examination, replayed);
      await judge(examination, replayed, tapeStandard(replayed.tape, true), soundSide);
      noteOpenForks(examination, replayed);
    },
  };
}

function noteOpenForks({ note }: Examination, { tape }: Replayed): void {
  const open = Object.entries(tape.manifest.counts.notJudged).map(
    ([fork, pages]) => `${String(pages)} ${fork}`,
  );
  if (open.length === 0) return;
  note(`not judged by this suite: ${open.join(' and ')} pages (replayed, and compared between hosts)`);
}

function answersEverything(label: string): Promised {
  return {
    id: `answers-${label}`,
    text: `walredo answers every request of the recording "${label}"; nothing says what the pages must be`,
    examine: async (examination) => {
      const replayed = await candidateAnswers(examination, label);
      judgeConduct(examination, replayed);
      const { requests } = replayed.tape.manifest.counts;
      const answered = replayed.replay.runs.reduce((sum, { pages }) => sum + pages, 0);
      examination.note(
        `${String(answered)} of ${String(requests)} requests answered; pages compared with other hosts and the baseline only`,
      );
    },
  };
}

/** Whatever walredo did besides answering. */
function judgeConduct(examination: Examination, { tape, replay }: Replayed): void {
  for (const fault of replay.faults) {
    const message = describeFault(fault, (number) => nameRequest(tape, number));
    examination.found({ code: faultCode(fault), message });
  }
}

function equalsFirstHost(label: string, firstHost: string): Promised {
  return {
    id: `hosts-${label}`,
    text: `the answers to the tape "${label}" equal those on ${firstHost} in every byte of every fork`,
    examine: async (examination) => {
      const { gate, cell } = examination;
      const first = await gate.replayed(gate.candidate, cell.major, firstHost, label);
      const standard: PageStandard = {
        kind: 'hosts',
        isSkewed: false,
        answers: first.replay.runs,
        nameOf: () => `the answer on ${firstHost}`,
      };
      await judge(examination, await candidateAnswers(examination, label), standard, () =>
        Promise.resolve({
          name: `the same bundle on ${firstHost}`,
          bundle: gate.candidate.bundle,
          host: firstHost,
        }),
      );
    },
  };
}

function equalsBaseline(label: string): Promised {
  return {
    id: `baseline-${label}`,
    text: `the answers to the tape "${label}" equal those of the baseline bundle in every byte of every fork; those of another minor may differ in a named class`,
    examine: async (examination) => {
      const { gate, cell } = examination;
      const other = await gate.replayed(gate.baseline, cell.major, cell.host, label);
      const standard: PageStandard = {
        kind: 'baseline',
        isSkewed: areSkewed(serverOf(gate.candidate, cell.major), serverOf(gate.baseline, cell.major)),
        answers: other.replay.runs,
        nameOf: () => "the baseline bundle's answer",
      };
      await judge(examination, await candidateAnswers(examination, label), standard, soundSide);
      requireWholeStandard(other);
    },
  };
}

/** What the baseline failed to answer says nothing about the candidate. Throws `baseline-unanswered`. */
function requireWholeStandard({ tape, replay }: Replayed): void {
  const answered = replay.runs.reduce((sum, run) => sum + run.pages, 0);
  if (answered === tape.index.length) return;
  throw new RedoubtError(
    'infrastructure',
    'baseline-unanswered',
    `the baseline bundle answered ${String(answered)} of ${String(tape.index.length)} requests`,
    { remedy: 'Name another --baseline: judge this one by itself to see why.' },
  );
}

function serverOf({ servers }: OpenedBundle, major: number): string {
  return servers.get(major) ?? '';
}

function candidateAnswers({ gate, cell }: Examination, label: string): Promise<Replayed> {
  return gate.replayed(gate.candidate, cell.major, cell.host, label);
}

async function judge(
  examination: Examination,
  { tape, replay }: Replayed,
  standard: PageStandard,
  otherSide: OtherSide,
): Promise<void> {
  const judgement = judgePages(tape, replay.runs, standard, keepEvidence(examination, tape));
  for (const tally of judgement.tallies) examination.compared(tally);
  const findings = await keepHistories(examination, tape, judgement.findings, otherSide);
  for (const finding of findings) examination.found(finding);
  const partings = new Set(
    findings.flatMap(({ page }) => (page?.parting ? [`${page.parting.rmgr} ${page.parting.kind}`] : [])),
  );
  const { suspicion } = judgement;
  // What was replayed record by record outweighs what pages have in common.
  if (suspicion !== undefined && (partings.size === 0 || partings.has(suspicion.record)))
    examination.note(suspicionWords(suspicion));
  for (const { class: name, subject } of judgement.named)
    examination.note(`${name}: ${subject} ${namedClassWords[name]}`);
}

function nameRequest(tape: Tape, number: number): string {
  return `request ${String(number)} (${tape.nameOf(tape.index.at(number).key)})`;
}

function faultCode(fault: ReplayFault): FindingCode {
  switch (fault.kind) {
    case 'died':
    case 'given-up':
      return 'walredo-died';
    case 'blocked-call':
      return 'walredo-blocked-call';
    case 'hung':
      return 'walredo-hung';
    case 'ended-early':
      return 'walredo-output-short';
    case 'extra-bytes':
      return 'walredo-extra-bytes';
    case 'chatter':
      return 'walredo-chatter';
  }
}
