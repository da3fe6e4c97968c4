import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { evidenceFiles, type HistoryRecord, type PageHistory } from '../../harness/verdict/page-history.ts';
import { heapPage } from '../page/page-builder.ts';

function record(number: number, kind: string): HistoryRecord {
  return {
    number,
    endLsn: `0/${String(number)}0`,
    rmgr: 'Heap',
    kind,
    xid: 7,
    lengthBytes: 60,
    blocks: ['#0 this page (data 20)'],
    fields: [{ name: 'offnum', value: String(number) }],
    mainData: '',
    blockData: '',
  };
}

function withByte(page: Buffer, offset: number, value: number): Buffer {
  const changed = Buffer.from(page);
  changed[offset] = value;
  return changed;
}

/** A page of three records: right after the first, wrong in byte 100 after the second, and in byte 200, too, after the third. */
export const madePages = {
  base: heapPage(),
  expected: withByte(heapPage(), 50, 1),
  actual: withByte(withByte(withByte(heapPage(), 50, 1), 100, 9), 200, 9),
} as const;

/** What such a page's history says; `change` for another one. */
export function madeHistory(change: Partial<PageHistory> = {}): PageHistory {
  return {
    schemaVersion: 1,
    name: 'public.words main block 3',
    kind: 'heap',
    collations: [],
    major: 17,
    host: 'debian:12',
    standard: 'recovery by the compute image',
    origin: 'base',
    recordCount: 3,
    records: [record(1, 'INSERT'), record(2, 'UPDATE'), record(3, 'DELETE')],
    steps: {
      counts: [0, 1, 2, 3],
      bundle: [0, 1, 2, 3],
      other: [4, 5, 6, 7],
      otherName: 'the reference bundle',
      parting: 2,
    },
    notes: [],
    ...change,
  };
}

/** Writes the evidence of that page into a folder. */
export function makeEvidence(folder: string, history = madeHistory()): void {
  const { base, expected, actual } = madePages;
  const wrong = withByte(base, 100, 9);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, evidenceFiles.history), JSON.stringify(history));
  writeFileSync(join(folder, evidenceFiles.expected), expected);
  writeFileSync(join(folder, evidenceFiles.actual), actual);
  writeFileSync(
    join(folder, evidenceFiles.steps),
    gzipSync(Buffer.concat([base, base, wrong, actual, base, base, base, expected])),
  );
}
