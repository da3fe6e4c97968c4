import { RedoubtError } from '../error.ts';
import { explainPage, type ExplainedPage } from '../page/explain.ts';
import { explainedLines } from '../page/explain-text.ts';
import type { PageKind } from '../page/kind.ts';
import { forkName, formatPageKey, samePage, type PageKey } from '../redo/page-key.ts';
import { readRequestRecords } from '../redo/request-records.ts';
import type { Tape } from '../redo/tape.ts';
import type { TapeRequest } from '../redo/tape-index.ts';
import { decodeRecord, rawRecordFromBytes, type BlockReference } from '../wal/decode.ts';
import { formatLsn } from '../wal/lsn.ts';
import { recordKind, rmgrName } from '../wal/names.ts';
import { table } from './table.ts';

/** What a command shows: lines for people, an object for programs. */
export interface Explanation {
  readonly lines: readonly string[];
  readonly object: Readonly<Record<string, unknown>>;
}

const shownRequests = 20;
const shownRecords = 40;
const columns = 108;

/** What a tape is, and its first requests, or all. */
export function explainTape(tape: Tape, all: boolean): Explanation {
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
      `tape ${tape.directory}`,
      manifest.workload,
      `PostgreSQL ${manifest.serverVersion}, ${manifest.flavour}`,
      `${index.length} requests, ${manifest.counts.records} records, ${formatLsn(manifest.startLsn)} to ${formatLsn(manifest.endLsn)}`,
      ...table(['request', 'begins', 'oracle', 'records', 'first LSN', 'last LSN', 'page'], rows).map(cut),
      ...(left === 0
        ? []
        : [`... ${left} more requests; --all shows them, --request N or --page one of them`]),
    ],
    object: { tape: tape.directory, requestsTotal: index.length, requests: requests.map(plainRequest) },
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

interface ExplainedRecord {
  readonly endLsn: string;
  readonly rmgr: string;
  readonly kind: string;
  readonly xid: number | null;
  readonly lengthBytes: number;
  readonly blocks: readonly string[];
}

/** One request of a tape: the page that is pushed, the records in order, and what the page must be then. */
export function explainRequest(
  tape: Tape,
  request: TapeRequest,
  given: PageKind | undefined,
  all: boolean,
): Explanation {
  const { key } = request;
  const { base, records } = readRequestRecords(tape.readRequest(request));
  const oracle = request.oracle === 'none' ? undefined : tape.readOraclePage(request);
  const take = (page: Buffer): ExplainedPage => {
    return explainPage(page, given ?? tape.pageKindOf(key, page));
  };
  const explained = records.map(({ endLsn, bytes }) => explainRecord(tape, key, bytes, endLsn));
  const [basePage, oraclePage] = [base, oracle].map((page) => (page === undefined ? undefined : take(page)));
  return {
    lines: [
      `request ${request.number}: ${title(tape, key)}`,
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
    ],
    object: {
      tape: tape.directory,
      request: plainRequest(request),
      page: tape.nameOf(key),
      base: basePage ?? null,
      records: explained,
      oracle: oraclePage ?? null,
    },
  };
}

/** A record that cannot be decoded is shown with the reason: it may be what is being looked for. */
function explainRecord(tape: Tape, key: PageKey, bytes: Buffer, endLsn: number): ExplainedRecord {
  const { major } = tape.manifest;
  const place = { endLsn: formatLsn(endLsn), lengthBytes: bytes.length };
  try {
    const { rmgrId, info, xid, blocks } = decodeRecord(rawRecordFromBytes(bytes, endLsn), major);
    return {
      ...place,
      rmgr: rmgrName(rmgrId, major),
      kind: recordKind(rmgrId, info, major),
      xid,
      blocks: blocks.map((block) => describeBlock(key, block)),
    };
  } catch (error) {
    if (!(error instanceof RedoubtError)) throw error;
    return { ...place, rmgr: 'damaged', kind: '', xid: null, blocks: [error.message] };
  }
}

function describeBlock(key: PageKey, block: BlockReference): string {
  const isHere = samePage(key, block);
  const isSameRelation =
    block.relNumber === key.relNumber && block.dbOid === key.dbOid && block.spcOid === key.spcOid;
  const near = `${forkName(block.forkNumber)} ${block.blockNumber}`;
  const far = `${block.spcOid}/${block.dbOid}/${block.relNumber} ${near}`;
  const parts = [
    block.willInit ? 'init' : '',
    block.image === undefined ? '' : `${block.applyImage ? 'image' : 'image to check'} ${block.image.length}`,
    block.dataLength === 0 ? '' : `data ${block.dataLength}`,
  ].filter((part) => part !== '');
  const more = parts.length === 0 ? '' : ` (${parts.join(', ')})`;
  return `#${block.id} ${isHere ? 'this page' : isSameRelation ? near : far}${more}`;
}

function recordLines(records: readonly ExplainedRecord[], all: boolean): readonly string[] {
  const isCut = !all && records.length > shownRecords;
  const first = isCut ? records.slice(0, shownRecords / 2) : records;
  const last = isCut ? records.slice(-shownRecords / 2) : [];
  const row = (one: ExplainedRecord): readonly string[] => [
    one.endLsn,
    `${one.rmgr} ${one.kind}`.trimEnd(),
    one.xid === null ? '' : String(one.xid),
    String(one.lengthBytes),
    one.blocks.join(', '),
  ];
  const lines = table(['end LSN', 'record', 'xid', 'bytes', 'blocks'], [...first, ...last].map(row)).map(cut);
  const gap = `... ${records.length - shownRecords} more records; --all shows them`;
  return [`records: ${records.length}`, ...(isCut ? lines.toSpliced(first.length + 1, 0, gap) : lines)];
}

function cut(line: string): string {
  return line.length <= columns ? line : `${line.slice(0, columns - 2)}..`;
}
