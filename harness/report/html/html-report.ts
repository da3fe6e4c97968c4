import { join } from 'node:path';

import type { TimedEvent } from '../../verdict/event.ts';
import type { Report } from '../report.ts';
import { codeMeanings } from './code-meanings.ts';
import { jsonElement, packedElement } from './embed.ts';
import { type CheckTime, type Details, elementIds, type Overview } from './html-data.ts';
import { browserFolder, htmlDocument } from './html-document.ts';
import { matrixOf } from './matrix.ts';
import type { EvidencePage } from './read-evidence.ts';
import { suspectsOf } from './suspects.ts';
import { verdictHeader } from './verdict-header.ts';

/** What an HTML report is made of. */
export interface HtmlReportInput {
  readonly report: Report;
  /** Those of the run; when checks began is not known without them. */
  readonly events: readonly TimedEvent[];
  readonly pages: readonly EvidencePage[];
  /** Whether it is shown by `redoubt open`. */
  readonly isServed?: boolean;
}

/** A report as one HTML file that needs nothing else: no server, no network, nothing beside it. */
export function htmlReport({ report, events, pages, isServed = false }: HtmlReportInput): string {
  const histories = Object.fromEntries(pages.map(({ files }, number) => [files, elementIds.page(number)]));
  const notes = new Map(
    report.cells.flatMap(({ checks }) => checks.map((check) => [check.id, check.notes] as const)),
  );
  const overview: Overview = {
    verdict: report.verdict,
    matrix: matrixOf(report),
    suspects: suspectsOf(
      report.findings,
      (files) => Object.hasOwn(histories, files),
      (check) => notes.get(check) ?? [],
    ),
  };
  const details: Details = {
    report,
    times: timesOf(report, events),
    histories,
    meanings: codeMeanings(report.findings.map(({ code }) => code)),
  };
  return htmlDocument({
    title: `${report.verdict}: Redoubt`,
    entry: join(browserFolder, 'report-page.ts'),
    body: verdictHeader(report),
    isServed,
    data: [
      jsonElement(elementIds.overview, overview),
      packedElement(elementIds.details, JSON.stringify(details)),
      ...pages.map((page, number) => packedElement(elementIds.page(number), packPage(page))),
    ],
  });
}

function timesOf(report: Report, events: readonly TimedEvent[]): readonly CheckTime[] {
  const begun = Date.parse(report.run.startedAt ?? '');
  const startedAt = new Map(
    events.flatMap((event) =>
      event.type === 'check-started' ? [[event.check, Date.parse(event.at)] as const] : [],
    ),
  );
  let next = 0;
  return Object.entries(report.run.durationsMs).map(([check, durationMs]) => {
    const at = startedAt.get(check);
    const startMs = at === undefined || Number.isNaN(begun) ? next : at - begun;
    next = startMs + durationMs;
    return { check, startMs, durationMs };
  });
}

/** The length of the history as JSON, the history, then the expected page, the bundle's if it gave one, and those of the steps. */
function packPage({ history, expected, actual, steps }: EvidencePage): Buffer {
  const json = Buffer.from(JSON.stringify(history));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json, expected, ...(actual === undefined ? [] : [actual]), ...steps]);
}
