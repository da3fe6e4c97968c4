import { explainPage, type ExplainedPage } from '../../page/explain.ts';
import { explainedLines } from '../../page/explain-text.ts';
import type { PageKind } from '../../page/kind.ts';
import { explainRecord, type ExplainedRecord } from '../../redo/request/explain-record.ts';
import { formatPageKey, type PageKey } from '../../redo/page-key.ts';
import { readRequestRecords } from '../../redo/request/request-records.ts';
import type { Tape } from '../../redo/tape/tape.ts';
import type { TapeRequest } from '../../redo/tape/tape-index.ts';
import { formatLsn } from '../../wal/lsn.ts';
import { table } from '../table.ts';
import type { BytePaint } from './byte-paint.ts';
import { hexLines, type HexOptions } from './hex-lines.ts';

/** What a command shows: lines for people, an object for programs. */
export interface Explanation {
  readonly lines: readonly string[];
  readonly object: Readonly<Record<string, unknown>>;
}

const shownRequests = 20;
const shownRecords = 40;
const columns = 108;

/** What a tape is, or the recording that it was made of, and its first requests, or all. */
export function explainTape(source: string, tape: Tape, all: boolean): Explanation {
  const { manifest, index } = tape;
  const requests = [...index].slice(0, all ? index.length : shownRequests);
  const rows = requests.map((request) => [
    String(request.number),
    request.origin,
    request.oracle,
    String(request.records),
    formatLsn(request.firstLsn),
    formatLsn(request.lastLsn),
    tape.nameOf(request.key),
  ]);
  const left = index.length - requests.length;
  return {
    lines: [
      `tape ${source}`,
      manifest.workload,
      `PostgreSQL ${manifest.serverVersion}, ${manifest.flavour}`,
      `${index.length} requests, ${manifest.counts.records} records, ${formatLsn(manifest.startLsn)} to ${formatLsn(manifest.endLsn)}`,
      ...table(['request', 'begins', 'oracle', 'records', 'first LSN', 'last LSN', 'page'], rows).map(cut),
      ...(left === 0
        ? []
        : [`... ${left} more requests; --all shows them, --request N or --page one of them`]),
    ],
    object: { tape: source, requestsTotal: index.length, requests: requests.map(plainRequest) },
  };
}

function plainRequest(request: TapeRequest): Readonly<Record<string, unknown>> {
  const { firstLsn, lastLsn, ...others } = request;
  return { ...others, firstLsn: formatLsn(firstLsn), lastLsn: formatLsn(lastLsn) };
}

/** The page's name, and its numbers where those are not the name. */
function title(tape: Tape, key: PageKey): string {
  const [name, numbers] = [tape.nameOf(key), formatPageKey(key)];
  return name === numbers ? name : `${name} (${numbers})`;
}

/** In which collations a relation's texts are; none where it has no texts. */
export function collationLines(collations: readonly string[]): readonly string[] {
  return collations.length === 0 ? [] : [`its texts are in ${collations.join(', ')}`];
}

/** What of a request to show. */
export interface RequestOptions {
  /** The kind of page, as typed; the tape's own without it. */
  readonly given: PageKind | undefined;
  readonly all: boolean;
  /** Adds the bytes, so coloured. */
  readonly hex: BytePaint | undefined;
}

/** One request of a tape: the page that is pushed, the records in order, and what the page must be then. */
export function explainRequest(
  source: string,
  tape: Tape,
  request: TapeRequest,
  { given, all, hex }: RequestOptions,
): Explanation {
  const { key } = request;
  const { base, records } = readRequestRecords(tape.readRequest(request));
  const oracle = request.oracle === 'none' ? undefined : tape.readOraclePage(request);
  const kindOf = (page: Buffer): PageKind => given ?? tape.pageKindOf(key, page);
  const take = (page: Buffer): ExplainedPage =>
    explainPage(page, kindOf(page), tape.relationOf(key)?.columns);
  const explained = records.map(({ endLsn, bytes }) =>
    explainRecord(tape.manifest.major, key, bytes, endLsn),
  );
  const [basePage, oraclePage] = [base, oracle].map((page) => (page === undefined ? undefined : take(page)));
  return {
    lines: [
      `request ${request.number}: ${title(tape, key)}`,
      ...collationLines(tape.relationOf(key)?.collations ?? []),
      '',
      ...(basePage === undefined
        ? [`no page is pushed: it is ${request.origin}`]
        : ['page that is pushed', ...explainedLines(basePage, { all })]),
      '',
      ...recordLines(explained, all),
      '',
      ...(oraclePage === undefined
        ? ['the tape does not say what the page must be then']
        : [`what the page must be then (${request.oracle})`, ...explainedLines(oraclePage, { all })]),
      ...(hex === undefined ? [] : ['', ...bytesOf(base, oracle, kindOf, { paint: hex, all })]),
    ],
    object: {
      tape: source,
      request: plainRequest(request),
      page: tape.nameOf(key),
      collations: tape.relationOf(key)?.collations ?? [],
      base: basePage ?? null,
      records: explained,
      oracle: oraclePage ?? null,
    },
  };
}

/** The pushed page and what it must be in the end, side by side; one of them where there is no other. */
function bytesOf(
  base: Buffer | undefined,
  oracle: Buffer | undefined,
  kindOf: (page: Buffer) => PageKind,
  options: HexOptions,
): readonly string[] {
  const last = oracle ?? base;
  if (last === undefined) return [];
  const sides = [
    { name: 'page that is pushed', page: base },
    { name: 'what it must be then', page: oracle },
  ];
  return hexLines(kindOf(last), sides, options);
}

function recordRow(one: ExplainedRecord): readonly string[] {
  return [
    one.endLsn,
    `${one.rmgr} ${one.kind}`.trimEnd(),
    one.xid === null ? '' : String(one.xid),
    String(one.lengthBytes),
    one.blocks.join(', '),
  ];
}

function recordLines(records: readonly ExplainedRecord[], all: boolean): readonly string[] {
  const isCut = !all && records.length > shownRecords;
  const first = isCut ? records.slice(0, shownRecords / 2) : records;
  const last = isCut ? records.slice(-shownRecords / 2) : [];
  const lines = table(
    ['end LSN', 'record', 'xid', 'bytes', 'blocks'],
    [...first, ...last].map(recordRow),
  ).map(cut);
  const gap = `... ${records.length - shownRecords} more records; --all shows them`;
  return [`records: ${records.length}`, ...(isCut ? lines.toSpliced(first.length + 1, 0, gap) : lines)];
}

function cut(line: string): string {
  return line.length <= columns ? line : `${line.slice(0, columns - 2)}..`;
}
