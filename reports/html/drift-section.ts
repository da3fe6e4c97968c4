import type { Report } from '../../harness/report/report.ts';
import { element, link, section } from './dom.ts';
import { driftPart } from './drift-part.ts';
import { routeTo } from './routes.ts';

/** Drift among the findings, each once, with the checks that found it; undefined where there is none. */
export function driftSection({ findings }: Report): HTMLElement | undefined {
  const drifts = findings.flatMap(({ drift, check }, number) =>
    drift === undefined ? [] : [{ drift, check, number }],
  );
  if (drifts.length === 0) return undefined;
  const groups = [...Map.groupBy(drifts, ({ drift }) => JSON.stringify(drift)).values()];
  return section(
    'drift',
    'What order changes',
    ...groups.flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const part = driftPart(first.drift);
      part.append(
        element(
          'ul',
          { class: 'notes' },
          ...group.map(({ check, number }) => element('li', {}, link(routeTo('finding', number), check))),
        ),
      );
      return [part];
    }),
  );
}
