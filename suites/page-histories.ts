import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import type { Bundle } from '../harness/bundle/open.ts';
import type { GateRun } from '../harness/gate/gate-run.ts';
import { pageAnswers } from '../harness/gate/page-answers.ts';
import { openReferenceBundle } from '../harness/gate/reference-bundle.ts';
import { faultOfOurs } from '../harness/host/fault-of-ours.ts';
import { silent } from '../harness/host/progress.ts';
import { throwIfInterrupted } from '../harness/host/interruption.ts';
import { explainRecord } from '../harness/redo/explain-record.ts';
import { stepPages, type AskPages, type PageSteps } from '../harness/redo/page-steps.ts';
import { readRequestRecords } from '../harness/redo/request-records.ts';
import type { Tape } from '../harness/redo/tape.ts';
import type { TapeRequest } from '../harness/redo/tape-index.ts';
import type { Finding, PageEvidence, PartingRecord } from '../harness/verdict/finding.ts';
import { excuseOf } from '../harness/verdict/page-excuse.ts';
import {
  chosenRecords,
  evidenceFiles,
  type HistorySteps,
  type PageHistory,
} from '../harness/verdict/page-history.ts';
import type { Examination } from './promise.ts';

/** A second bundle, or the same on another host, whose pages the candidate's are held against step by step. */
export interface ComparedSide {
  readonly name: string;
  readonly bundle: Bundle;
  readonly host: string;
}

/** Finds the other side when it is wanted; undefined where there is none. */
export type OtherSide = (examination: Examination) => Promise<ComparedSide | undefined>;

/** Pages of one check, and of one run, whose steps are replayed; some 50 ms each. */
const steppedPages = { ofCheck: 20, ofRun: 100 } as const;
const stepTimeoutMs = 10_000;

const steppedInRun = new WeakMap<GateRun, number>();
const references = new WeakMap<GateRun, Map<number, Promise<Bundle | undefined>>>();

/** The baseline where the run has one, else the reference bundle, unless that is what is being judged. */
export async function soundSide({ gate, cell }: Examination): Promise<ComparedSide | undefined> {
  if (gate.plan.shape.hasBaseline)
    return { name: 'the baseline bundle', bundle: gate.baseline.bundle, host: cell.host };
  if (gate.candidate.flavour === 'neon') return undefined;
  const known = references.get(gate) ?? new Map<number, Promise<Bundle | undefined>>();
  references.set(gate, known);
  const opened = known.get(cell.major) ?? openReferenceBundle(cell.major, silent).catch(() => undefined);
  known.set(cell.major, opened);
  const bundle = await opened;
  throwIfInterrupted();
  return bundle === undefined || bundle.digest === gate.candidate.bundle.digest
    ? undefined
    : { name: 'the reference bundle', bundle, host: cell.host };
}

/**
 * Writes beside the evidence of each bad page how it came to be: its records, and for the first pages what they are after
 * each of them, on both sides. A finding whose sides part says after which record.
 */
export async function keepHistories(
  examination: Examination,
  tape: Tape,
  findings: readonly Finding[],
  otherSide: OtherSide,
): Promise<readonly Finding[]> {
  const sides = await openSides(examination, otherSide);
  return Promise.all(
    findings.map(async (finding, position) => {
      const { page } = finding;
      const folder = page?.files ?? null;
      if (page === undefined || folder === null) return finding;
      const isStepped = position < steppedPages.ofCheck && takeTurn(examination.gate);
      const stepped = isStepped ? await step(examination, tape, page, folder, sides) : notStepped;
      writeHistory(examination, tape, finding, page, folder, stepped);
      return withParting(finding, page, tape, stepped.steps);
    }),
  );
}

/** Who is asked for the steps. */
interface Sides {
  readonly own: AskPages;
  readonly other: { readonly name: string; readonly ask: AskPages } | undefined;
}

async function openSides(examination: Examination, otherSide: OtherSide): Promise<Sides> {
  const { gate, cell } = examination;
  const answerTimeoutMs = Math.min(gate.answerTimeoutMs, stepTimeoutMs);
  const common = { major: cell.major, answerTimeoutMs };
  const other = await otherSide(examination);
  return {
    own: pageAnswers({ ...common, bundle: gate.candidate.bundle, host: gate.host(cell.host) }),
    other: other && {
      name: other.name,
      ask: pageAnswers({ ...common, bundle: other.bundle, host: gate.host(other.host) }),
    },
  };
}

function takeTurn(gate: GateRun): boolean {
  const taken = steppedInRun.get(gate) ?? 0;
  steppedInRun.set(gate, taken + 1);
  return taken < steppedPages.ofRun;
}

interface Stepped {
  readonly steps: PageSteps | undefined;
  readonly otherName: string | null;
  readonly notes: readonly string[];
}

const notStepped: Stepped = {
  steps: undefined,
  otherName: null,
  notes: ['Its steps were not replayed: other pages of this run were chosen. Only its end is known.'],
};

async function step(
  { gate }: Examination,
  tape: Tape,
  { request: number }: PageEvidence,
  folder: string,
  { own, other }: Sides,
): Promise<Stepped> {
  const request = tape.index.at(number);
  try {
    const steps = await stepPages(tape.readRequest(request), own, other?.ask);
    return checked(steps, other?.name, { tape, request, folder: join(gate.reportDirectory, folder) });
  } catch (error) {
    throwIfInterrupted();
    return {
      steps: undefined,
      otherName: null,
      notes: [`Its steps could not be replayed: ${faultOfOurs(error).message}`],
    };
  }
}

interface SteppedPage {
  readonly tape: Tape;
  readonly request: TapeRequest;
  readonly folder: string;
}

/** What the steps end with must be what was judged, and what it was held against: otherwise they explain something else. */
function checked(steps: PageSteps, otherName: string | undefined, page: SteppedPage): Stepped {
  const { tape, request, folder } = page;
  const [expected, actual] = [evidenceFiles.expected, evidenceFiles.actual].map((name) =>
    readFileSync(join(folder, name)),
  ) as [Buffer, Buffer];
  const notes: string[] = [];
  const end = steps.pages.at(-1);
  if (end?.equals(actual) !== true) {
    notes.push(
      `Asked again for this page alone, the bundle ${end === undefined ? 'gives no answer' : 'answers differently'}: what it did wrong hangs on what it was asked before.`,
    );
  }
  if (otherName === undefined) {
    notes.push('There is no other bundle to step through: of what the page must be, only the end is known.');
    return { steps: { ...steps, parting: undefined }, otherName: null, notes };
  }
  const otherEnd = steps.otherPages?.at(-1);
  const isRight =
    otherEnd?.equals(expected) === true ||
    (otherEnd !== undefined &&
      excuseOf(tape, request, expected, otherEnd, { byTape: true, isSkewed: false }) !== undefined);
  if (!isRight) {
    notes.push(
      `What ${otherName} makes of these records is not what the page must be, either: its steps are left out.`,
    );
    return { steps: { ...steps, otherPages: undefined, parting: undefined }, otherName: null, notes };
  }
  return { steps, otherName, notes };
}

function writeHistory(
  { gate, cell }: Examination,
  tape: Tape,
  finding: Finding,
  page: PageEvidence,
  folder: string,
  { steps, otherName, notes }: Stepped,
): void {
  const request = tape.index.at(page.request);
  const { records } = readRequestRecords(tape.readRequest(request));
  const kept = steps === undefined ? undefined : placed(steps, otherName);
  const history: PageHistory = {
    schemaVersion: 1,
    name: tape.nameOf(request.key),
    kind: page.kind,
    collations: tape.relationOf(request.key)?.collations ?? [],
    major: cell.major,
    host: cell.host,
    standard: /; compared with ([^;]+)/.exec(finding.message)?.[1] ?? '',
    origin: page.origin,
    recordCount: records.length,
    records: chosenRecords(records.length, steps?.parting).flatMap((number) => {
      const record = records[number - 1];
      return record === undefined
        ? []
        : [{ number, ...explainRecord(cell.major, request.key, record.bytes, record.endLsn) }];
    }),
    steps: kept?.steps ?? null,
    notes,
  };
  const directory = join(gate.reportDirectory, folder);
  writeFileSync(join(directory, evidenceFiles.history), `${JSON.stringify(history, null, 2)}\n`);
  if (kept !== undefined)
    writeFileSync(join(directory, evidenceFiles.steps), gzipSync(Buffer.concat(kept.pages)));
}

/** The pages of both sides one behind the other, and where each lies. */
function placed(
  { counts, pages, otherPages, parting }: PageSteps,
  otherName: string | null,
): { readonly steps: HistorySteps; readonly pages: readonly Buffer[] } {
  const all: Buffer[] = [];
  const place = (page: Buffer | undefined): number | null => (page === undefined ? null : all.push(page) - 1);
  const steps = {
    counts,
    bundle: pages.map(place),
    other: otherPages?.map(place) ?? null,
    otherName,
    parting: parting ?? null,
  };
  return { steps, pages: all };
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
    message: `${finding.message}; first wrong after record ${String(number)} of ${String(page.recordCount)}: ${rmgr} ${kind}, which ends at ${endLsn}`,
    page: { ...page, parting },
  };
}
