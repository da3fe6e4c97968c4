import type { Report } from '../../harness/report/report.ts';
import { count, element, plural, section, table } from './dom.ts';

const oracles: Readonly<Record<string, string>> = {
  recovery: "PostgreSQL's own recovery",
  model: 'the model of the pageserver',
  image: 'images in the WAL',
  consistency: 'the page after each record',
  hosts: 'other hosts',
  baseline: 'the baseline',
};

/** How many checks there were, and which pages were held against what. */
export function comparedSection({ compared, counts, pagesNotJudged }: Report): HTMLElement {
  const rows = Object.entries(compared)
    .filter(([, { pages }]) => pages > 0)
    .map(([oracle, { pages, records, bytes, masked, checksummed, differences, named }]) => [
      oracles[oracle] ?? oracle,
      count(pages),
      count(records),
      count(bytes),
      count(masked + checksummed + Object.values(named).reduce((sum, each) => sum + each, 0)),
      count(differences),
    ]);
  const open = Object.entries(pagesNotJudged).map(([fork, pages]) => `${count(pages)} ${fork}`);
  const { planned, run, passed, failed, accepted, notJudged } = counts;
  return section(
    'compared',
    'What was compared',
    element(
      'p',
      {},
      `${plural(planned, 'check')} planned, ${count(run)} run, ${count(passed)} passed, ${count(failed)} failed, ${accepted === 0 ? '' : `${count(accepted)} accepted, `}${count(notJudged)} not judged.`,
    ),
    rows.length === 0
      ? element('p', { class: 'faint' }, 'No page was compared.')
      : table(
          'Pages compared, by what they were held against',
          ['compared with', 'pages', 'records', 'bytes', 'excused', 'differences'],
          rows,
        ),
    open.length === 0
      ? undefined
      : element(
          'p',
          { class: 'faint' },
          `No oracle judges ${open.join(' and ')} pages: they are compared between hosts only.`,
        ),
  );
}
