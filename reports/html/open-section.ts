import type { Report, ReportCheck } from '../../harness/report/report.ts';
import { count, element, link, plural, section } from './dom.ts';
import { routeTo } from './routes.ts';

const shownReasons = 12;
const shownChecks = 6;

interface OpenCheck {
  readonly check: ReportCheck;
  readonly cell: number;
}

/** What kept checks and hosts from being judged, each reason once; undefined where all were. */
export function openSection({ cells, inputs }: Report): HTMLElement | undefined {
  const open = cells.flatMap(({ checks }, cell) =>
    checks.flatMap((check): readonly OpenCheck[] =>
      check.outcome === 'not judged' ? [{ check, cell }] : [],
    ),
  );
  if (open.length === 0 && inputs.absentHosts.length === 0) return undefined;
  const reasons = [...Map.groupBy(open, ({ check }) => check.reason ?? 'no reason given')].toSorted(
    ([, one], [, other]) => other.length - one.length,
  );
  const more = reasons.length - shownReasons;
  return section(
    'open',
    'What was not judged',
    element(
      'ul',
      { class: 'reasons' },
      ...inputs.absentHosts.map(({ name, reason }) =>
        element('li', {}, element('strong', {}, `host ${name}`), `: ${reason}`),
      ),
      ...reasons.slice(0, shownReasons).map(([reason, checks]) => reasonPart(reason, checks)),
      more > 0
        ? element('li', { class: 'faint' }, `and ${plural(more, 'reason')} more, in the cells`)
        : undefined,
    ),
  );
}

function reasonPart(reason: string, checks: readonly OpenCheck[]): HTMLElement {
  const more = checks.length - shownChecks;
  return element(
    'li',
    {},
    element('strong', {}, plural(checks.length, 'check')),
    `: ${reason}`,
    element(
      'p',
      { class: 'where' },
      ...checks
        .slice(0, shownChecks)
        .flatMap(({ check: { id }, cell }, place) => [
          place === 0 ? '' : ', ',
          link(routeTo('cell', cell), id),
        ]),
      more > 0 ? ` and ${count(more)} more` : undefined,
    ),
  );
}
