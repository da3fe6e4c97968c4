import { test } from '@japa/runner';

import { htmlReport } from '../../../harness/report/html/html-report.ts';
import { matrixOf } from '../../../harness/report/html/matrix.ts';
import { suspectsOf } from '../../../harness/report/html/suspects.ts';
import { verdictHeader } from '../../../harness/report/html/verdict-header.ts';
import { deriveReport, type Report, type ReportCell } from '../../../harness/report/report.ts';
import { timed, wholeRun } from '../../verdict/run-events.ts';
import { hostileRun } from '../support/hostile-run.ts';

type ReportFinding = Report['findings'][number];

function pageFinding(
  number: number,
  parting: string | undefined,
  field = 't_infomask of item 2',
): ReportFinding {
  return {
    check: 'pg17/debian:12/walredo/recovery-records',
    code: 'page-content',
    message: `page ${String(number)} is wrong`,
    page: {
      relation: 'public.words',
      page: `1663/5/16384 main block ${String(number)}`,
      kind: 'heap',
      tape: 'd'.repeat(64),
      request: number,
      origin: 'base',
      firstLsn: '0/10',
      lastLsn: '0/20',
      differenceClass: 'content',
      bytesDiffering: 1,
      fields: [{ offset: 100, length: 1, field, expected: '00', actual: '01' }],
      recordCount: 5,
      records: [],
      ...(parting === undefined
        ? {}
        : { parting: { number: 3, endLsn: '0/18', rmgr: 'Heap', kind: parting } }),
      files: `evidence/${String(number)}`,
    },
  };
}

test.group('what an HTML report begins with', () => {
  test('findings are put together by code and record; those that name a record come first', ({ assert }) => {
    const findings = [
      pageFinding(1, undefined),
      pageFinding(2, undefined),
      pageFinding(3, 'INSERT', 'free space'),
      pageFinding(4, 'INSERT'),
      { check: 'c', code: 'walredo-died', message: 'it died' } as const,
    ];
    const suspects = suspectsOf(
      findings,
      (files) => files !== 'evidence/2',
      (check) => [`noted by ${check}`],
    );
    assert.deepEqual(suspects[2]?.notes, ['noted by c']);
    assert.deepEqual(
      suspects.map(({ code, record, count, first }) => [code, record, count, first]),
      [
        ['page-content', 'Heap INSERT', 2, 3],
        ['page-content', null, 2, 0],
        ['walredo-died', null, 1, 4],
      ],
    );
    assert.deepEqual(suspects[0]?.page, {
      name: 'public.words main block 4',
      field: 't_infomask of item 2',
      offset: 100,
      expected: '00',
      actual: '01',
      record: 'record 3 of 5, which ends at 0/18',
      hasHistory: true,
    });
  });

  test('the matrix has a row for a host, and a column for a major and a suite, in the order of the run', ({
    assert,
  }) => {
    const report = deriveReport(timed(...wholeRun()));
    const matrix = matrixOf(report);
    assert.equal(matrix.marks.length, matrix.rows.length * matrix.columns.length);
    for (const [at, cell] of matrix.cells.entries()) {
      const found = report.cells[cell];
      const column = matrix.columns[at % matrix.columns.length];
      assert.equal(`PostgreSQL ${String(found?.major)}`, column?.server);
      assert.equal(found?.suite, column?.suite);
      assert.equal(found?.host, matrix.rows[Math.floor(at / matrix.columns.length)]);
      assert.equal(
        matrix.marks[at],
        { compatible: 'p', incompatible: 'f', 'not judged': 'n' }[found?.verdict ?? 'compatible'],
      );
    }
  });

  test('the heat of a cell is how many of its checks failed', ({ assert }) => {
    const outcomes = {
      'pg17/debian:12/walredo/two': 'failed',
      'pg15/debian:11/contract/one': 'not judged',
    } as const;
    const report = deriveReport(timed(...wholeRun(outcomes)));
    const { failed, findings } = matrixOf(report);
    const number = report.cells.findIndex(({ id }) => id === 'pg17/debian:12/walredo');
    assert.deepEqual(failed, { [number]: [1, 2] });
    assert.deepEqual(findings, { [number]: 1 });
  });

  test('the verdict is there without any script, and nothing in its names turns the writing', ({
    assert,
  }) => {
    const header = verdictHeader(deriveReport(timed(...hostileRun())));
    assert.match(header, /<h1>.*incompatible \(contract\)<\/h1>/);
    assert.include(header, String.raw`\u202eelbitapmoc`);
    assert.notMatch(header, /[\u202A-\u202E\u2066-\u2069]|<script|<testcase/);
    assert.match(header, /16 checks planned, 14 passed, 1 failed, 1 not judged/);
    assert.match(header, /<rect class="failed" x="0.0" width="62.5"/);
  });

  test('the heading is the verdict and its suites; what limits it follows', ({ assert }) => {
    const run = deriveReport(timed(...wholeRun()));
    const header = (sentence: string): string => verdictHeader({ ...run, sentence });
    const absent = header('compatible (contract, walredo); hosts not judged: amazonlinux:2');
    assert.match(
      absent,
      /compatible \(contract, walredo\)<\/h1>\n<p class="cause">hosts not judged: amazonlinux:2</,
    );
    const skewed = header('compatible (walredo), across minors: PostgreSQL 17.12 on WAL of 17.0');
    assert.match(skewed, /compatible \(walredo\)<\/h1>\n<p class="cause">across minors: PostgreSQL 17\.12/);
    assert.match(header('compatible (walredo)'), /compatible \(walredo\)<\/h1>\n\n/);
  });

  test('several bundles, compute images and workloads are told apart, each on its side', ({ assert }) => {
    const report = deriveReport(timed(...wholeRun()));
    const [first] = report.cells;
    if (first === undefined) throw new Error('the run has cells');
    const cell = (host: string, bundle: string, compute: string, workload?: string): ReportCell => ({
      ...first,
      id: `${bundle} ${compute} ${host} ${workload ?? ''}`,
      major: 17,
      host,
      suite: 'walredo',
      bundle,
      compute,
      ...(workload === undefined ? {} : { workload }),
    });
    const cells = [
      cell('debian:11', 'new', 'npm:17', 'mine'),
      cell('debian:12', 'old', 'debian:13', 'mine'),
      cell('debian:11', 'new', 'npm:17', 'yours'),
    ];
    const { rows, columns, marks } = matrixOf({ ...report, cells });
    assert.deepEqual(rows, ['new on debian:11', 'old on debian:12']);
    assert.deepEqual(
      columns.map(({ server, suite }) => `${server}: ${suite}`),
      [
        'PostgreSQL 17, npm:17: walredo mine',
        'PostgreSQL 17, npm:17: walredo yours',
        'PostgreSQL 17, debian:13: walredo mine',
      ],
    );
    assert.equal(marks, 'pp   p');
  });

  test('the same run gives the same bytes, and names no file, host or script outside of itself', ({
    assert,
  }) => {
    const events = timed(...wholeRun());
    const make = (): string => htmlReport({ report: deriveReport(events), events, pages: [] });
    assert.equal(make(), make());
    assert.notMatch(make(), /<(link|img|iframe|script src)/);
    assert.match(
      make(),
      /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-/,
    );
  });
});
