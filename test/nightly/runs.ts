import type { NightlyFinding, NightlyRun } from '../../harness/nightly/nightly-run.ts';

export const check = 'pg17/debian:12/walredo/recovery-records';

export function finding(change: Partial<NightlyFinding> = {}): NightlyFinding {
  return {
    key: `page-content ${check} public.words`,
    code: 'page-content',
    check,
    message: 'public.words main block 3 has other contents',
    count: 1,
    tolerance: null,
    ...change,
  };
}

/** The run of a night of November 2026; with findings it fails. */
export function night(day: number, change: Partial<NightlyRun> = {}): NightlyRun {
  const date = `2026-11-${String(day).padStart(2, '0')}`;
  const isBad = (change.findings ?? []).length > 0;
  return {
    schemaVersion: 1,
    id: `${date}T02-00-00-000Z-${String(day).padStart(8, '0')}`,
    at: `${date}T02:00:00.000Z`,
    verdict: isBad ? 'incompatible' : 'compatible',
    exitCode: isBad ? 1 : 0,
    sentence: isBad ? 'incompatible (walredo): a page' : 'compatible (walredo)',
    report: String(day % 10).repeat(64),
    redoubtVersion: '0.1.0',
    inputs: {
      candidate: { digest: 'a'.repeat(64), words: 'bundle.tar.zst' },
      'host debian:11': { digest: 'b'.repeat(64), words: 'libc6 2.31' },
      'host debian:12': { digest: 'c'.repeat(64), words: 'libc6 2.36' },
      'compute npm:15 of 15': { digest: 'd'.repeat(64), words: 'PostgreSQL 15.18 (vanilla)' },
      'compute npm:17 of 17': { digest: 'e'.repeat(64), words: 'PostgreSQL 17.10 (vanilla)' },
    },
    judged: [check, 'pg17/debian:11/walredo/recovery-records'],
    findings: [],
    ...change,
  };
}
