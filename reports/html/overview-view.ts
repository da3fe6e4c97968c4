import type { Overview } from '../../harness/report/html/html-data.ts';
import { comparedSection } from './compared-section.ts';
import { count, element, link, section } from './dom.ts';
import { driftSection } from './drift-section.ts';
import { readDetails } from './embedded-data.ts';
import { findingList } from './finding-list.ts';
import { inputsSection } from './inputs-section.ts';
import { matrixTable } from './matrix-table.ts';
import { openSection } from './open-section.ts';
import { pinSection } from './pin-section.ts';
import { suspectCard } from './suspect-card.ts';
import { timesChart } from './times-chart.ts';

/** The first screen: what was found, where, and on what it rests; `parameters` say which findings are looked for. */
export function overviewView({ suspects, matrix }: Overview, parameters: URLSearchParams): HTMLElement {
  const view = element('div', { class: 'overview' });
  const nav = element('nav', { class: 'sections', 'aria-label': 'Sections of this report' });
  const add = (name: string, part: HTMLElement | undefined): void => {
    if (part === undefined) return;
    nav.append(link(`#${part.id}`, name));
    view.append(part);
  };
  view.append(nav);
  if (suspects.length > 0)
    add('Look first', section('causes', 'What to look at first', ...suspects.map(suspectCard)));
  if (matrix.rows.length > 0) add('Where', section('matrix', 'Where', matrixTable(matrix)));
  view.setAttribute('aria-busy', 'true');
  void fill(view, parameters, add);
  return view;
}

/** What is unpacked a moment later. */
async function fill(
  view: HTMLElement,
  parameters: URLSearchParams,
  add: (name: string, part: HTMLElement | undefined) => void,
): Promise<void> {
  const { report, times, histories } = await readDetails();
  add('Not judged', openSection(report));
  add('Since the pin', pinSection(report));
  add('Order', driftSection(report));
  const { length } = report.findings;
  if (length > 0)
    add(
      `Found ${count(length)}`,
      section(
        'findings',
        `Everything that was found: ${count(length)}`,
        findingList(report, histories, parameters),
      ),
    );
  add('Compared', comparedSection(report));
  add('Inputs', inputsSection(report));
  if (times.length > 0) add('Times', section('times', 'When it ran', timesChart(report, times)));
  view.removeAttribute('aria-busy');
}
