import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { explainRecord } from '../redo/request/explain-record.ts';
import type { PageSteps } from '../redo/request/page-steps.ts';
import { readRequestRecords } from '../redo/request/request-records.ts';
import type { Tape } from '../redo/tape/tape.ts';
import { writeFailed } from '../redo/tape/write-all.ts';
import { unansweredClass, type Finding, type PageEvidence } from './finding.ts';
import { chosenRecords, evidenceFiles, type HistorySteps, type PageHistory } from './page-history.ts';

/** What is known of how a bad page came to be. */
export interface KnownHistory {
  readonly tape: Tape;
  readonly host: string;
  readonly finding: Finding;
  readonly page: PageEvidence;
  /** Undefined where they could not be replayed. */
  readonly steps: PageSteps | undefined;
  readonly otherName: string | null;
  readonly notes: readonly string[];
}

/** Writes how a page came to be into the folder of its evidence. Throws RedoubtError `write-failed`. */
export function writePageHistory(directory: string, known: KnownHistory): void {
  const { tape, host, finding, page, steps, otherName, notes } = known;
  const { major } = tape.manifest;
  const request = tape.index.at(page.request);
  const relation = tape.relationOf(request.key);
  const { records } = readRequestRecords(tape.readRequest(request));
  const kept = steps === undefined ? undefined : placed(steps, otherName);
  const history: PageHistory = {
    schemaVersion: 1,
    name: tape.nameOf(request.key),
    kind: page.kind,
    collations: relation?.collations ?? [],
    ...(relation?.columns === undefined ? {} : { columns: relation.columns }),
    major,
    host,
    standard: /; (?:compared with|what it must be is known from) ([^;]+)/.exec(finding.message)?.[1] ?? '',
    origin: page.origin,
    ...(page.differenceClass === unansweredClass ? { isAnswered: false } : {}),
    recordCount: records.length,
    records: chosenRecords(records.length, steps?.parting).flatMap((number) => {
      const record = records[number - 1];
      return record === undefined
        ? []
        : [{ number, ...explainRecord(major, request.key, record.bytes, record.endLsn) }];
    }),
    steps: kept?.steps ?? null,
    notes,
  };
  write(join(directory, evidenceFiles.history), `${JSON.stringify(history, null, 2)}\n`);
  if (kept !== undefined) write(join(directory, evidenceFiles.steps), gzipSync(Buffer.concat(kept.pages)));
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

function write(path: string, content: string | Buffer): void {
  try {
    writeFileSync(path, content);
  } catch (error) {
    throw writeFailed(path, error);
  }
}
