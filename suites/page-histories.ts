import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Bundle } from '../harness/bundle/open.ts';
import { pageAnswers } from '../harness/gate/replay/page-answers.ts';
import { openReferenceBundle } from '../harness/gate/inputs/reference-bundle.ts';
import { share } from '../harness/gate/shared-work.ts';
import { faultOfOurs } from '../harness/host/fault-of-ours.ts';
import { throwIfInterrupted } from '../harness/host/interruption.ts';
import { explainRecord } from '../harness/redo/request/explain-record.ts';
import { stepPages, type AskPages, type PageSteps } from '../harness/redo/request/page-steps.ts';
import { readRequestRecords } from '../harness/redo/request/request-records.ts';
import type { Tape } from '../harness/redo/tape/tape.ts';
import type { TapeRequest } from '../harness/redo/tape/tape-index.ts';
import {
  unansweredClass,
  type Finding,
  type PageEvidence,
  type PartingRecord,
} from '../harness/verdict/finding.ts';
import { namedClassWords } from '../harness/verdict/named-class.ts';
import { excuseOf } from '../harness/verdict/page-excuse.ts';
import { evidenceFiles } from '../harness/verdict/page-history.ts';
import { writePageHistory } from '../harness/verdict/write-page-history.ts';
import type { Examination } from './promise.ts';

/** A second bundle, or the same on another host, whose pages the candidate's are held against step by step. */
export interface ComparedSide {
  readonly name: string;
  readonly bundle: Bundle;
  readonly host: string;
}

/** Finds the other side when it is wanted; undefined where there is none. */
export type OtherSide = (examination: Examination) => Promise<ComparedSide | undefined>;

const stepTimeoutMs = 10_000;

/** The baseline where the run has one, else the reference bundle, unless that is what is being judged. */
export async function soundSide({ gate, cell }: Examination): Promise<ComparedSide | undefined> {
  if (gate.plan.shape.hasBaseline)
    return { name: 'the baseline bundle', bundle: gate.baseline.bundle, host: cell.host };
  if (gate.candidate.flavour === 'neon') return undefined;
  const bundle = await share(gate, `reference bundle ${String(cell.major)}`, () =>
    openReferenceBundle(cell.major, gate.progress).catch(() => undefined),
  );
  throwIfInterrupted();
  return bundle === undefined || bundle.digest === gate.candidate.bundle.digest
    ? undefined
    : { name: 'the reference bundle', bundle, host: cell.host };
}

/**
 * Writes beside the evidence of each bad page how it came to be: its records, and what the page is after each of
 * them, on both sides. A finding whose sides part says after which record.
 */
export async function keepHistories(
  examination: Examination,
  tape: Tape,
  findings: readonly Finding[],
  otherSide: OtherSide,
): Promise<readonly Finding[]> {
  if (findings.every(({ page }) => (page?.files ?? null) === null)) return findings;
  const sides = await openSides(examination, otherSide);
  // A process that gives no page takes all others down with it, or time.
  const firstSilent = findings.find(({ page }) => page?.differenceClass === unansweredClass);
  return Promise.all(
    findings.map(async (finding) => {
      const { page } = finding;
      const folder = page?.files ?? null;
      if (page === undefined || folder === null) return finding;
      const isSilent = page.differenceClass === unansweredClass;
      const stepped =
        isSilent && finding !== firstSilent
          ? notStepped('Only the first page of a check that has no answer is stepped through.')
          : await step(examination, tape, page, folder, isSilent ? { ...sides, own: sides.ownAlone } : sides);
      writePageHistory(join(examination.gate.reportDirectory, folder), {
        tape,
        host: examination.cell.host,
        finding,
        page,
        ...stepped,
      });
      return withParting(finding, page, tape, stepped.steps);
    }),
  );
}

/** Who is asked for the steps. */
interface Sides {
  readonly own: AskPages;
  /** The same, for a page that it does not give: there is no second try. */
  readonly ownAlone: AskPages;
  readonly other: { readonly name: string; readonly ask: AskPages } | undefined;
}

async function openSides(examination: Examination, otherSide: OtherSide): Promise<Sides> {
  const { gate, cell } = examination;
  const answerTimeoutMs = Math.min(gate.answerTimeoutMs, stepTimeoutMs);
  const common = { major: cell.major, answerTimeoutMs };
  const other = await otherSide(examination);
  const own = { ...common, bundle: gate.candidate.bundle, host: gate.host(cell.host) };
  return {
    own: pageAnswers(own),
    ownAlone: pageAnswers({ ...own, mostRestarts: 0 }),
    other: other && {
      name: other.name,
      ask: pageAnswers({ ...common, bundle: other.bundle, host: gate.host(other.host) }),
    },
  };
}

interface Stepped {
  readonly steps: PageSteps | undefined;
  readonly otherName: string | null;
  readonly notes: readonly string[];
}

async function step(
  { gate }: Examination,
  tape: Tape,
  { request: number, differenceClass }: PageEvidence,
  folder: string,
  { own, other }: Sides,
): Promise<Stepped> {
  const request = tape.index.at(number);
  try {
    const steps = await stepPages(tape.readRequest(request), own, other?.ask);
    return checked(steps, other?.name, {
      tape,
      request,
      folder: join(gate.reportDirectory, folder),
      isSilent: differenceClass === unansweredClass,
    });
  } catch (error) {
    throwIfInterrupted();
    return notStepped(`Its steps could not be replayed: ${faultOfOurs(error).message}`);
  }
}

function notStepped(note: string): Stepped {
  return { steps: undefined, otherName: null, notes: [note] };
}

interface SteppedPage {
  readonly tape: Tape;
  readonly request: TapeRequest;
  readonly folder: string;
  readonly isSilent: boolean;
}

/** What the steps end with must be what was judged, and what it was held against: otherwise they explain something else. */
function checked(steps: PageSteps, otherName: string | undefined, page: SteppedPage): Stepped {
  const { tape, request, folder, isSilent } = page;
  const expected = readFileSync(join(folder, evidenceFiles.expected));
  const actual = isSilent ? undefined : readFileSync(join(folder, evidenceFiles.actual));
  const end = steps.pages.at(-1);
  if (actual === undefined ? end !== undefined : end?.equals(actual) !== true) {
    const again = end === undefined ? 'gives no answer' : 'answers differently';
    const note = `Asked again, the bundle ${again}: what it did wrong hangs on what it was asked before.`;
    return { steps: { ...steps, parting: undefined }, otherName: otherName ?? null, notes: [note] };
  }
  if (otherName === undefined) {
    const note = 'There is no other bundle to step through: of what the page must be, only the end is known.';
    return { steps: { ...steps, parting: undefined }, otherName: null, notes: [note] };
  }
  const otherEnd = steps.otherPages?.at(-1);
  if (otherEnd?.equals(expected) === true) return { steps, otherName, notes: [] };
  // The other side may be of another minor than the tape, whatever the candidate is of.
  const excuse = otherEnd && excuseOf(tape, request, expected, otherEnd, { byTape: true, isSkewed: true });
  if (excuse !== undefined) {
    const note =
      excuse.kind === 'named' &&
      `From what the page must be, what ${otherName} makes of these records ${namedClassWords[excuse.class]}.`;
    return { steps, otherName, notes: note === false ? [] : [note] };
  }
  return {
    steps: { ...steps, otherPages: undefined, parting: undefined },
    otherName: null,
    notes: [
      `What ${otherName} makes of these records is not what the page must be, either: its steps are left out.`,
    ],
  };
}

function withParting(
  finding: Finding,
  page: PageEvidence,
  tape: Tape,
  steps: PageSteps | undefined,
): Finding {
  const number = steps?.parting;
  if (number === undefined) return finding;
  if (number === 0)
    return {
      ...finding,
      message: `${finding.message}; wrong before any record: the pushed page comes back changed`,
    };
  const { key } = tape.index.at(page.request);
  const record = readRequestRecords(tape.readRequest(tape.index.at(page.request))).records[number - 1];
  if (record === undefined) return finding;
  const { endLsn, rmgr, kind } = explainRecord(tape.manifest.major, key, record.bytes, record.endLsn);
  const parting: PartingRecord = { number, endLsn, rmgr, kind };
  return {
    ...finding,
    message: `${finding.message}; ${page.differenceClass === unansweredClass ? 'there is none after' : 'first wrong after'} record ${String(number)} of ${String(page.recordCount)}: ${rmgr} ${kind}, which ends at ${endLsn}`,
    page: { ...page, parting },
  };
}
