import type { Report, ReportCell } from '../../harness/report/report.ts';
import { checkPart } from './check-part.ts';
import { count, element, link } from './dom.ts';
import { readDetails } from './embedded-data.ts';
import { routeTo } from './routes.ts';
import { tally } from './tally.ts';
import { neighbours, wayBack } from './way-back.ts';

const mostKin = 24;

/** A cell: what was planned for it, run, compared and found, and in what it ran. */
export async function cellView(number: number): Promise<HTMLElement> {
  const { report, times } = await readDetails();
  const cell = report.cells[number];
  if (cell === undefined)
    return element(
      'div',
      {},
      wayBack(),
      element('p', { class: 'notice' }, 'There is no such cell in this report.'),
    );
  const found = Map.groupBy(report.findings.entries(), ([, { check }]) => check);
  const own = cell.checks.flatMap(({ id }) => found.get(id) ?? []);
  const durations = new Map(times.map(({ check, durationMs }) => [check, durationMs]));
  const run = cell.checks.filter(({ outcome }) => outcome !== 'not judged').length;
  return element(
    'div',
    { class: 'cell' },
    wayBack(neighbours(number, report.cells.length, { noun: 'cell', to: (other) => routeTo('cell', other) })),
    element('h2', {}, cell.id),
    element('p', { class: `outcome lead ${cell.verdict.replace(' ', '-')}` }, cell.verdict),
    tally([
      ['checks planned', count(cell.checks.length)],
      ['run', count(run)],
      ['pages held against recovery', count(cell.pages)],
      ['records', count(cell.records)],
      ['differences', count(cell.differences)],
      ['found', count(own.length)],
    ]),
    settingPart(report, cell),
    kinPart(report, cell, number),
    ...inReadingOrder(cell.checks).map((check) =>
      checkPart({
        check,
        findings: found.get(check.id) ?? [],
        durationMs: durations.get(check.id),
        options: report.inputs.options,
      }),
    ),
  );
}

const firstOutcomes = ['failed', 'not judged', 'accepted', 'passed'];

/** What did not pass comes first, each kind in the order in which it ran. */
function inReadingOrder(checks: ReportCell['checks']): ReportCell['checks'] {
  return checks.toSorted(
    (one, other) => firstOutcomes.indexOf(one.outcome) - firstOutcomes.indexOf(other.outcome),
  );
}

/** The bundle, the host and the pages of which a cell is made. */
function settingPart(
  { inputs }: Report,
  { bundle: name, host: hostName, major, compute }: ReportCell,
): HTMLElement {
  const bundle = inputs.bundles.find((each) => each.role === 'candidate' && each.name === name);
  const host = inputs.hosts.find((each) => each.name === hostName);
  const tapes = inputs.tapes.filter(
    (tape) => tape.major === major && (compute === undefined || tape.compute === compute),
  );
  const servers = [
    ...new Set(
      tapes.map((tape) => `${tape.serverVersion}${tape.compute === null ? '' : ` on ${tape.compute}`}`),
    ),
  ];
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['bundle', bundle?.servers[String(major)]],
    ['host', host === undefined ? undefined : `${host.libc}, engine ${host.engine}`],
    ['pages of', servers.length === 0 ? undefined : `PostgreSQL ${servers.join(', ')}`],
  ];
  return element(
    'dl',
    { class: 'pairs' },
    ...facts.flatMap(([term, words]) =>
      words === undefined ? [] : [element('dt', {}, term), element('dd', {}, words)],
    ),
  );
}

const signs: Readonly<Record<ReportCell['verdict'], readonly [sign: string, kind: string]>> = {
  compatible: ['✓', 'passed'],
  incompatible: ['✗', 'failed'],
  'not judged': ['?', 'open'],
};

/** The same suite of the same server on other hosts: whether it is the host or the bundle shows at a glance. */
function kinPart(
  { cells }: Report,
  { major, suite, compute, workload, bundle }: ReportCell,
  own: number,
): HTMLElement | undefined {
  const kin = [...cells.entries()].filter(
    ([number, other]) =>
      number !== own &&
      other.major === major &&
      other.suite === suite &&
      other.compute === compute &&
      other.workload === workload &&
      other.bundle === bundle,
  );
  if (kin.length === 0) return undefined;
  return element(
    'nav',
    { class: 'kin', 'aria-label': 'The same on other hosts' },
    'On other hosts: ',
    ...kin.slice(0, mostKin).map(([number, { host, verdict }]) => {
      const [sign, kind] = signs[verdict];
      return link(routeTo('cell', number), `${sign} ${host}`, { class: `chip ${kind}`, title: verdict });
    }),
    kin.length > mostKin ? ` and ${count(kin.length - mostKin)} more` : undefined,
  );
}
