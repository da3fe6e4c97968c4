import { describeTolerance } from '../verdict/tolerance.ts';
import { printableValue } from './printable.ts';
import type { Report, ReportCell, ReportCheck } from './report.ts';

/*
 * JUnit XML as both common schemas have it, Ant's (JUnit.xsd) and Jenkins' (junit-10.xsd): a suite for each cell, a case for
 * each check, and one case for the run itself, whose verdict may rest on more than its checks.
 */

/** The JUnit XML of a report: `failure` is the bundle's fault, `error` is "not judged". */
export function junitView(report: Report): string {
  const shown = printableValue(report);
  const findings = Map.groupBy(shown.findings, ({ check }) => check);
  const suites = [...shown.cells.map((cell) => cellSuite(shown, findings, cell)), runSuite(shown)];
  const lines = suites.flatMap((suite, index) => suiteLines(shown, suite, index));
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...lines, '</testsuites>', ''].join('\n');
}

interface Case {
  readonly name: string;
  readonly className: string;
  readonly seconds: number;
  readonly result:
    | { readonly kind: 'passed' }
    | {
        readonly kind: 'failure' | 'error';
        readonly type: string;
        readonly message: string;
        readonly text: string;
      };
}

type FindingsByCheck = ReadonlyMap<string, Report['findings']>;

interface Suite {
  readonly name: string;
  readonly group: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
  readonly output: readonly string[];
}

function cellSuite(report: Report, findings: FindingsByCheck, cell: ReportCell): Suite {
  return {
    name: cell.id,
    group: cell.suite,
    properties: { verdict: cell.verdict, major: String(cell.major), host: cell.host },
    cases: cell.checks.map((check) => checkCase(report, findings.get(check.id) ?? [], cell, check)),
    output: cell.checks.flatMap(({ id, notes }) => [
      ...tolerated(findings.get(id) ?? []).map((words) => `${id}: ${words}`),
      ...notes.map((note) => `${id}: ${note}`),
    ]),
  };
}

/** What was found and does not fail its check: accepted is never silent. */
function tolerated(findings: Report['findings']): readonly string[] {
  return findings.flatMap(({ code, message, tolerance }) =>
    tolerance === undefined ? [] : [`${code}: ${message} (${describeTolerance(tolerance)})`],
  );
}

function checkCase({ run }: Report, own: Report['findings'], cell: ReportCell, check: ReportCheck): Case {
  const { id, promise, outcome, reason, evidence } = check;
  const isGood = outcome === 'passed' || outcome === 'accepted';
  return {
    name: id.startsWith(`${cell.id}/`) ? id.slice(cell.id.length + 1) : id,
    className: cell.id,
    seconds: (run.durationsMs[id] ?? 0) / 1000,
    result: isGood
      ? { kind: 'passed' }
      : {
          kind: outcome === 'failed' ? 'failure' : 'error',
          type: outcome === 'failed' ? (own[0]?.code ?? 'failed') : 'not-judged',
          message: reason ?? outcome,
          text: [
            `promised: ${promise}`,
            ...own.flatMap(({ code, message, page }) => [
              `${code}: ${message}`,
              ...(typeof page?.files === 'string' ? [`evidence: ${page.files}`] : []),
            ]),
            ...(outcome === 'failed' ? [] : [`not judged: ${reason ?? ''}`]),
            ...(evidence === undefined ? [] : [`all evidence: ${evidence}`]),
          ].join('\n'),
        },
  };
}

/** The verdict as a case: a run that was cut off, or whose counts do not add up, must not look like one that passed. */
function runSuite({ verdict, sentence, inputs }: Report): Suite {
  const candidate = inputs.bundles.find(({ role }) => role === 'candidate');
  return {
    name: 'redoubt',
    group: 'redoubt',
    properties: {
      verdict,
      ...(candidate === undefined ? {} : { candidate: candidate.source, sha256: candidate.digest }),
    },
    cases: [
      {
        name: 'verdict',
        className: 'redoubt',
        seconds: 0,
        result:
          verdict === 'compatible'
            ? { kind: 'passed' }
            : {
                kind: verdict === 'incompatible' ? 'failure' : 'error',
                type: verdict === 'incompatible' ? verdict : 'not-judged',
                message: sentence,
                text: sentence,
              },
      },
    ],
    output: [sentence],
  };
}

function suiteLines({ run }: Report, suite: Suite, index: number): readonly string[] {
  const { name, group, properties, cases, output } = suite;
  const count = (kind: Case['result']['kind']): string =>
    String(cases.filter(({ result }) => result.kind === kind).length);
  const attributes = attributesOf({
    id: String(index),
    name,
    package: group,
    timestamp: (run.startedAt ?? '1970-01-01T00:00:00').slice(0, 19),
    hostname: run.machine ?? 'localhost',
    tests: String(cases.length),
    failures: count('failure'),
    errors: count('error'),
    time: cases.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3),
  });
  return [
    `  <testsuite${attributes}>`,
    '    <properties>',
    ...Object.entries(properties).map(
      ([key, value]) => `      <property${attributesOf({ name: key, value })}/>`,
    ),
    '    </properties>',
    ...cases.flatMap(caseLines),
    `    <system-out>${escaped(output.join('\n'))}</system-out>`,
    '    <system-err></system-err>',
    '  </testsuite>',
  ];
}

function caseLines({ name, className, seconds, result }: Case): readonly string[] {
  const attributes = attributesOf({ name, classname: className, time: seconds.toFixed(3) });
  if (result.kind === 'passed') return [`    <testcase${attributes}/>`];
  const { kind, type, message, text } = result;
  return [
    `    <testcase${attributes}>`,
    `      <${kind}${attributesOf({ type, message })}>${escaped(text)}</${kind}>`,
    '    </testcase>',
  ];
}

function attributesOf(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escaped(value)}"`)
    .join('');
}

/** For text and attributes alike; `]]>` may not stand in text either. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}
