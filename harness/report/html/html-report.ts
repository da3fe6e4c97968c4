import { join } from 'node:path';

import type { TimedEvent } from '../../verdict/event.ts';
import type { Report } from '../report.ts';
import { codeMeanings } from './code-meanings.ts';
import { escapeHtml, jsonElement, packedElement } from './embed.ts';
import { type CheckTime, type Details, elementIds, type Overview } from './html-data.ts';
import { browserFolder, htmlDocument } from './html-document.ts';
import { matrixOf } from './matrix.ts';
import type { EvidencePage } from './read-evidence.ts';
import { suspectsOf } from './suspects.ts';

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

const marks: Readonly<Record<Report['verdict'], string>> = {
  compatible: '✓',
  incompatible: '✗',
  'not judged': '?',
};

/** The verdict in one sentence: the first thing to be read, whatever else fails. */
function verdictHeader({ verdict, sentence, inputs, majors, hosts, counts, run }: Report): string {
  const candidate = inputs.bundles.find(({ role }) => role === 'candidate');
  const facts = [
    ...(candidate === undefined ? [] : [`bundle ${candidate.source}`]),
    ...(majors.length === 0 ? [] : [`PostgreSQL ${majors.join(', ')}`]),
    ...(hosts.length === 0 ? [] : [hosts.length <= 4 ? hosts.join(', ') : `${String(hosts.length)} hosts`]),
    `${String(counts.planned)} ${counts.planned === 1 ? 'check' : 'checks'} planned, ${String(counts.passed)} passed, ${String(counts.failed)} failed, ${String(counts.notJudged)} not judged`,
    ...(run.startedAt === null ? [] : [run.startedAt.slice(0, 16).replace('T', ' ').concat(' UTC')]),
  ];
  const [head, rest] = splitSentence(verdict, sentence);
  return `<a class="skip" href="#view">Skip to the findings</a>
<header class="verdict ${verdict.replace(' ', '-')}">
<p class="brand"><a href="#/">Redoubt</a></p>
<h1><span class="mark" aria-hidden="true">${marks[verdict]}</span> ${escapeHtml(head)}</h1>
${rest === '' ? '' : `<p class="cause">${escapeHtml(rest)}</p>`}
<ul class="facts">${facts.map((fact) => `<li>${escapeHtml(fact)}</li>`).join('')}</ul>
</header>`;
}

/** `incompatible (walredo): public.words ...` as a heading and what follows from it. */
function splitSentence(verdict: string, sentence: string): readonly [string, string] {
  const match = /^([^:]{1,120}?): (.*)$/s.exec(sentence);
  return match?.[1]?.startsWith(verdict) === true ? [match[1], match[2] ?? ''] : [sentence, ''];
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

/** The length of the history as JSON, the history, then the expected page, the bundle's, and those of the steps. */
function packPage({ history, expected, actual, steps }: EvidencePage): Buffer {
  const json = Buffer.from(JSON.stringify(history));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json, expected, actual, ...steps]);
}
