import { join } from 'node:path';

import { test } from '@japa/runner';
import { parse } from 'junit2json';
import { validateXML } from 'xmllint-wasm';

import { junitView } from '../../harness/report/junit-view.ts';
import { openReport } from '../../harness/report/open-report.ts';
import { deriveReport, type Report } from '../../harness/report/report.ts';
import type { GateEvent } from '../../harness/verdict/event.ts';
import { checks, over, started, timed, wholeRun } from '../verdict/run-events.ts';
import { fullRun } from './support/full-run.ts';
import { hostileNames, hostileRun } from './support/hostile-run.ts';
import { junitSchemas } from './support/junit-schemas.ts';

const [first, second] = checks.map(({ id }) => id) as [string, string, ...string[]];

interface Read {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  /** `failure` or `error` of each case that has one, by class and name. */
  readonly faults: Readonly<
    Record<string, { readonly kind: string; readonly message: string; readonly text: string }>
  >;
}

/** What libxml2 finds wrong with JUnit XML by one schema. */
async function faultsBy(schema: string, xml: string): Promise<readonly string[]> {
  const { errors } = await validateXML({ xml: [{ fileName: 'junit.xml', contents: xml }], schema: [schema] });
  return errors.map(({ message }) => message);
}

/** What a stock parser makes of JUnit XML that is valid by every schema. */
async function read(report: Report): Promise<Read> {
  const xml = junitView(report);
  for (const [whose, schema] of Object.entries(junitSchemas)) {
    const faults = await faultsBy(schema, xml);
    if (faults.length > 0) throw new Error(`by ${whose} schema: ${faults.join('; ')}`);
  }
  const parsed = await parse(xml);
  const suites = (parsed as unknown as { readonly testsuite: readonly Suite[] }).testsuite;
  const sum = (name: 'tests' | 'failures' | 'errors'): number =>
    suites.reduce((all, suite) => all + suite[name], 0);
  return {
    tests: sum('tests'),
    failures: sum('failures'),
    errors: sum('errors'),
    faults: Object.fromEntries(
      suites
        .flatMap(({ testcase = [] }) => testcase)
        .flatMap(({ classname, name, ...results }) =>
          (['failure', 'error'] as const).flatMap((kind) =>
            (results[kind] ?? []).map(({ message, inner }) => [
              `${classname}/${name}`,
              { kind, message, text: inner },
            ]),
          ),
        ),
    ),
  };
}

interface Suite {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly testcase?: readonly {
    readonly classname: string;
    readonly name: string;
    readonly failure?: readonly { readonly message: string; readonly inner: string }[];
    readonly error?: readonly { readonly message: string; readonly inner: string }[];
  }[];
}

function reportOf(events: readonly GateEvent[]): Report {
  return deriveReport(timed(...events));
}

test.group('junitView', () => {
  test('has a case for each check and one for the verdict', async ({ assert }) => {
    const passed = await read(reportOf(wholeRun()));
    assert.deepEqual(passed, { tests: checks.length + 1, failures: 0, errors: 0, faults: {} });
    const failed = await read(reportOf(wholeRun({ [first]: 'failed', [second]: 'not judged' })));
    assert.deepEqual([failed.failures, failed.errors], [2, 1]);
    assert.deepEqual(Object.keys(failed.faults), [first, second, 'redoubt/verdict']);
    assert.equal(failed.faults[first]?.kind, 'failure');
    assert.match(
      failed.faults[first]?.text ?? '',
      /^promised: one is kept\npage-content: public\.words main block 3 has other contents$/,
    );
    assert.equal(failed.faults[second]?.kind, 'error');
    assert.match(failed.faults['redoubt/verdict']?.message ?? '', /^incompatible \(contract\)/);
  });

  test('never looks like a pass for a run that judged nothing', async ({ assert }) => {
    for (const events of [[], [started], wholeRun().slice(0, -1), [...wholeRun().slice(0, -1), over(3)]]) {
      const { errors, faults } = await read(reportOf(events));
      assert.isAbove(errors, 0);
      assert.equal(faults['redoubt/verdict']?.kind, 'error');
      assert.match(faults['redoubt/verdict']?.message ?? '', /^not judged: /);
    }
  });

  test('is valid for every report', async ({ assert }) => {
    assert.equal((await read(reportOf(fullRun()))).failures, 2);
    assert.equal((await read(openReport(join(import.meta.dirname, 'fixtures/version-1')).report)).tests, 2);
  });

  test('takes names for names, whatever is in them', async ({ assert }) => {
    const { tests, faults } = await read(reportOf(hostileRun()));
    assert.equal(tests, checks.length + 1);
    const { text = '' } = faults[first] ?? {};
    assert.include(text, hostileNames['xml'] ?? 'absent');
    assert.include(text, String.raw`\x1b[2J\x1b[1;32mcompatible`);
    assert.include(text, String.raw`\ud800 \udc00 \ufffe \uffff 😀`);
    assert.include(text, String.raw`\u202eelbitapmoc`);
  });

  test('is refused by {whose} schema when {what}')
    .with([
      { whose: 'our own', what: 'a stream is missing', from: '<system-err></system-err>', to: '' },
      { whose: "Ant's", what: 'a stream is missing', from: '<system-err></system-err>', to: '' },
      { whose: "Ant's", what: 'the time has a zone', from: ':00" hostname', to: ':00Z" hostname' },
      { whose: "Jenkins'", what: 'a case has no name', from: '<testcase name=', to: '<testcase label=' },
    ])
    .run(async ({ assert }, { whose, from, to }) => {
      const xml = junitView(reportOf(wholeRun()));
      const broken = xml.replace(from, to);
      assert.notEqual(broken, xml);
      assert.isNotEmpty(await faultsBy(junitSchemas[whose] ?? '', broken));
    });
});
