import { RedoubtError } from '../error.ts';
import { comparePages } from '../page/compare.ts';
import { diffPages } from '../page/diff.ts';
import { readPageHeader } from '../page/header.ts';
import { Answers, compareAnswers } from '../redo/tape/answers.ts';
import { formatPageKey } from '../redo/page-key.ts';
import { readRequestRecords } from '../redo/request/request-records.ts';
import type { AnswerRun } from '../redo/replay/replay.ts';
import type { Tape } from '../redo/tape/tape.ts';
import type { TapeRequest } from '../redo/tape/tape-index.ts';
import { formatLsn } from '../wal/lsn.ts';
import { recordKind, rmgrName } from '../wal/names.ts';
import { diagnose } from './diagnosis.ts';
import type { OracleName, Tally } from './event.ts';
import type { FindingCode } from './finding-code.ts';
import { unansweredClass, type Finding, type PageEvidence, type TouchingRecord } from './finding.ts';
import { mapImageIn } from './map-image.ts';
import type { NamedClass } from './named-class.ts';
import { excuseOf, maskOf, type Excuse } from './page-excuse.ts';
import { tallyByOracle } from './page-tally.ts';
import { suspectRecord, type RecordSuspicion } from './record-suspicion.ts';

/** What the pages of a replay are held against. */
export interface PageStandard {
  readonly kind: 'tape' | 'hosts' | 'baseline';
  readonly answers: readonly AnswerRun[];
  /** Whether it is of another minor than the answers: then a difference of a named class is no finding. */
  readonly isSkewed: boolean;
  /** How to name what a request's answer is compared with: "the answer on debian:11". */
  readonly nameOf: (request: TapeRequest) => string;
}

/** A page that differs in a way that has a name. */
export interface NamedDifference {
  readonly class: NamedClass;
  /** As in `public.words vm block 0 (request 17)`. */
  readonly subject: string;
}

/** Puts the evidence of one bad page on disk and returns its folder, or null to leave it out. */
export type KeepEvidence = (
  request: TapeRequest,
  expected: Buffer,
  actual: Buffer | undefined,
) => string | null;

export interface PageJudgement {
  /** One for each oracle that had pages. */
  readonly tallies: readonly Tally[];
  /** The first pages of each class that has a name; the tallies count them all. */
  readonly named: readonly NamedDifference[];
  /** The first pages that differ, described; the tallies count them all. */
  readonly findings: readonly Finding[];
  /** The kind of record that all pages which differ have in common; undefined where there is none. */
  readonly suspicion: RecordSuspicion | undefined;
}

const describedPages = 20;
const describedNamed = 3;
/** Eight bytes. */
const messageDigits = 16;
const describedFields = 8;
const describedRecords = 12;

const oracleNames: Readonly<Record<TapeRequest['oracle'], string>> = {
  none: 'nothing',
  recovery: 'recovery by the compute image',
  model: 'the model of what a pageserver does by itself',
  image: 'the image in the WAL',
  consistency: "the page that the primary had after the record, under PostgreSQL's own mask",
};

/** The tape's own oracle as a standard; `isSkewed` when another minor than the bundle's wrote the tape's WAL. */
export function tapeStandard(tape: Tape, isSkewed = false): PageStandard {
  return {
    kind: 'tape',
    isSkewed,
    answers: [{ firstRequest: 0, pages: tape.index.length, path: tape.oraclePath }],
    nameOf: ({ oracle }) => oracleNames[oracle],
  };
}

/**
 * Compares every byte of the answers with a standard: of the pages that the tape's oracle judges when that is the
 * standard, of all pages otherwise. Pages that have no answer are counted as differences, but for those that the baseline,
 * another bundle, failed to answer: they say nothing about this one.
 * @throws RedoubtError `nothing-compared` when there is no page to compare: that proves nothing.
 */
export function judgePages(
  tape: Tape,
  answers: readonly AnswerRun[],
  standard: PageStandard,
  keep: KeepEvidence,
): PageJudgement {
  using expected = new Answers(standard.answers);
  using actual = new Answers(answers);
  const wanted = (request: number): boolean => {
    switch (standard.kind) {
      case 'tape':
        return tape.index.oracle(request) !== 'none';
      case 'hosts':
        return true;
      case 'baseline':
        return expected.stretch(request, 1) > 0;
    }
  };
  const comparison = compareAnswers(expected, actual, tape.index.length, wanted, comparePages);
  const pages = comparison.compared + comparison.missing.length;
  if (pages === 0) {
    throw new RedoubtError(
      'infrastructure',
      'nothing-compared',
      `the tape ${tape.directory} has no page to compare`,
      { remedy: 'Capture a workload that changes tables or indexes.' },
    );
  }
  const excusing = { byTape: standard.kind === 'tape', isSkewed: standard.isSkewed };
  const excuses = new Map<number, Excuse>();
  for (const number of comparison.different) {
    const [left, right] = [expected.page(number), actual.page(number)];
    const excuse = left && right && excuseOf(tape, tape.index.at(number), left, right, excusing);
    if (excuse !== undefined) excuses.set(number, excuse);
  }
  const bad = [
    ...comparison.different.filter((number) => !excuses.has(number)),
    ...comparison.missing,
  ].toSorted((left, right) => left - right);
  const findings = bad.slice(0, describedPages).map((number) =>
    describePage({
      tape,
      request: tape.index.at(number),
      expected: expected.page(number),
      actual: actual.page(number),
      previousExpected: number > 0 ? expected.page(number - 1) : undefined,
      standard,
      keep,
    }),
  );
  const oracleOf = (request: number): OracleName | 'none' =>
    standard.kind === 'tape' ? tape.index.oracle(request) : standard.kind;
  const unanswered = new Set(comparison.missing);
  return {
    tallies: tallyByOracle(tape, wanted, oracleOf, { unanswered, excuses, bad: new Set(bad) }),
    named: describeNamed(tape, excuses),
    findings,
    suspicion: suspectRecord(tape, wanted, new Set(bad)),
  };
}

function describeNamed(tape: Tape, excuses: ReadonlyMap<number, Excuse>): readonly NamedDifference[] {
  const named = [...excuses].flatMap(([number, excuse]) =>
    excuse.kind === 'named' ? [{ class: excuse.class, subject: nameOf(tape, number) }] : [],
  );
  return [...Map.groupBy(named, (each) => each.class).values()].flatMap((group) =>
    group.slice(0, describedNamed),
  );
}

interface BadPage {
  readonly tape: Tape;
  readonly request: TapeRequest;
  readonly expected: Buffer | undefined;
  readonly actual: Buffer | undefined;
  readonly previousExpected: Buffer | undefined;
  readonly standard: PageStandard;
  readonly keep: KeepEvidence;
}

function describePage(bad: BadPage): Finding {
  const { tape, request, expected, actual, standard } = bad;
  const subject = nameOf(tape, request.number);
  if (expected === undefined) {
    const message = `${subject} has no page in ${standard.nameOf(request)} to compare with`;
    return { code: 'page-unanswered', message };
  }
  if (actual === undefined) return unanswered(bad, subject, expected);
  const kind = tape.pageKindOf(request.key, expected);
  const mask = maskOf(tape, request);
  const difference = diffPages(mask(expected), mask(actual), kind);
  const { base, records } = readRequestRecords(tape.readRequest(request));
  const { code, words } = diagnose(
    {
      expected,
      actual,
      expectedLsn: readPageHeader(expected).lsn,
      actualLsn: readPageHeader(actual).lsn,
      lsnOnly: difference.class === 'lsn-only',
      isVisibilityMap: kind === 'visibility-map',
      mapImage: standard.kind === 'tape' ? mapImageIn(request.key, records, tape.manifest.major) : undefined,
      previousExpected: bad.previousExpected,
      recordEndLsns: records.map(({ endLsn }) => endLsn),
      baseLsn: base === undefined ? undefined : readPageHeader(base).lsn,
    },
    formatLsn,
  );
  const first = difference.ranges[0];
  const where =
    first === undefined
      ? ''
      : `; first difference at byte ${String(first.offset)} (${first.field}): ${inMessage(first.expected)} expected, ${inMessage(first.actual)} found`;
  const page: PageEvidence = {
    ...evidenceOf(bad, expected),
    differenceClass: difference.class,
    bytesDiffering: difference.bytesDiffering,
    fields: difference.ranges.slice(0, describedFields),
  };
  return {
    code: findingCode(standard.kind, code),
    message: `${subject} ${words}; compared with ${standard.nameOf(request)}${where}`,
    page,
  };
}

/** What it must be is known: with the requests it can be tried again by hand. */
function unanswered(bad: BadPage, subject: string, expected: Buffer): Finding {
  const what = { differenceClass: unansweredClass, bytesDiffering: expected.length, fields: [] };
  return {
    code: 'page-unanswered',
    message: `${subject} has no answer; what it must be is known from ${bad.standard.nameOf(bad.request)}`,
    page: { ...evidenceOf(bad, expected), ...what },
  };
}

type Evidence = Omit<PageEvidence, 'differenceClass' | 'bytesDiffering' | 'fields'>;

function evidenceOf({ tape, request, actual, keep }: BadPage, expected: Buffer): Evidence {
  const { records } = readRequestRecords(tape.readRequest(request));
  return {
    relation: tape.relationOf(request.key)?.name ?? 'unknown',
    page: formatPageKey(request.key),
    kind: tape.pageKindOf(request.key, expected),
    tape: tape.digest,
    request: request.number,
    origin: request.origin,
    firstLsn: formatLsn(request.firstLsn),
    lastLsn: formatLsn(request.lastLsn),
    recordCount: records.length,
    records: describeRecords(records, tape.manifest.major),
    files: keep(request, expected, actual),
  };
}

/** A difference between two hosts or bundles is a finding of its own kind: neither side is known to be right. */
function findingCode(kind: PageStandard['kind'], code: FindingCode): FindingCode {
  switch (kind) {
    case 'tape':
      return code;
    case 'hosts':
      return 'hosts-differ';
    case 'baseline':
      return 'baseline-differs';
  }
}

function nameOf(tape: Tape, number: number): string {
  return `${tape.nameOf(tape.index.at(number).key)} (request ${String(number)})`;
}

function describeRecords(
  records: readonly { readonly endLsn: number; readonly bytes: Buffer }[],
  major: number,
): readonly TouchingRecord[] {
  const half = describedRecords / 2;
  const shown =
    records.length <= describedRecords ? records : [...records.slice(0, half), ...records.slice(-half)];
  return shown.map(({ endLsn, bytes }) => {
    const rmgrId = bytes.readUInt8(17);
    return {
      endLsn: formatLsn(endLsn),
      rmgr: rmgrName(rmgrId, major),
      kind: recordKind(rmgrId, bytes.readUInt8(16), major),
    };
  });
}

/** Bytes in a sentence: the evidence has all of them. */
function inMessage(hex: string): string {
  return hex.length <= messageDigits ? hex : `${hex.slice(0, messageDigits)}...`;
}
