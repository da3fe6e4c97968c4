import type { Details } from '../../harness/report/html/html-data.ts';
import type { Report } from '../../harness/report/report.ts';
import { pageName } from '../../harness/verdict/page-name.ts';
import { count, element, link, plural } from './dom.ts';
import {
  facetNames,
  facetValues,
  filtered,
  filterOf,
  findingFacets,
  type FacetName,
  type FindingFacets,
  type FindingFilter,
} from './finding-filter.ts';
import { noteRoute, routeTo, routeToOverview } from './routes.ts';

const shownAtOnce = 25;
/** With fewer findings than this a glance finds what a filter would. */
const fewestToFilter = 8;

const facetWords: Readonly<Record<FacetName, string>> = {
  code: 'kind',
  suite: 'suite',
  server: 'server',
  host: 'host',
  bundle: 'bundle',
  standing: 'standing',
};

/** All findings, the first ones at once, with fields that leave only some of them; the address keeps what is in the fields. */
export function findingList(
  report: Report,
  histories: Details['histories'],
  parameters: URLSearchParams,
): HTMLElement {
  const { findings } = report;
  const facets = findingFacets(report);
  const list = element('ol', { class: 'findings' });
  const more = element('button', { type: 'button' });
  const left = element('span', { class: 'faint', role: 'status' });
  let wanted: readonly number[] = [];
  const add = (until: number): void => {
    for (const number of wanted.slice(list.children.length, until))
      list.append(entry(findings, number, histories));
    const rest = wanted.length - list.children.length;
    more.hidden = rest === 0;
    more.textContent = `Show ${count(Math.min(rest, 4 * shownAtOnce))} more of ${count(rest)}`;
  };
  const apply = (filter: FindingFilter): void => {
    wanted = filtered(facets, filter);
    left.textContent =
      wanted.length === findings.length
        ? ''
        : `${count(wanted.length)} of ${plural(findings.length, 'finding')}`;
    list.replaceChildren();
    add(shownAtOnce);
  };
  more.addEventListener('click', () => {
    const next = list.children.length;
    add(next + 4 * shownAtOnce);
    list.children[next]?.querySelector('a')?.focus();
  });
  const asked = filterOf(parameters);
  apply(asked);
  if (findings.length < fewestToFilter) return element('div', {}, list, more);
  return element('div', {}, filterForm(facets, asked, apply), left, list, more);
}

function filterForm(
  facets: readonly FindingFacets[],
  asked: FindingFilter,
  apply: (filter: FindingFilter) => void,
): HTMLElement {
  const form = element('form', { class: 'filter', role: 'search', 'aria-label': 'Findings' });
  form.append(
    choice(
      'words',
      'with the words',
      element('input', {
        type: 'search',
        id: 'finding-words',
        name: 'words',
        autocomplete: 'off',
        value: asked.words,
      }),
    ),
  );
  for (const name of facetNames) {
    const values = facetValues(facets, name);
    if (values.length > 1)
      form.append(choice(name, facetWords[name], facetChoice(name, values, asked[name])));
  }
  const change = (): void => {
    const parameters = new URLSearchParams();
    for (const [name, value] of new FormData(form))
      if (typeof value === 'string' && value !== '') parameters.set(name, value);
    const filter = filterOf(parameters);
    noteRoute(routeToOverview(filter));
    apply(filter);
  };
  form.addEventListener('input', change);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
  });
  return form;
}

function choice(name: string, words: string, field: HTMLElement): HTMLElement {
  return element('span', { class: 'choice' }, element('label', { for: `finding-${name}` }, words), field);
}

function facetChoice(
  name: FacetName,
  values: readonly (readonly [string, number])[],
  asked: string | undefined,
): HTMLElement {
  return element(
    'select',
    { id: `finding-${name}`, name },
    element('option', { value: '' }, 'any'),
    ...values.map(([value, number]) =>
      element('option', { value, selected: value === asked }, `${value} (${count(number)})`),
    ),
  );
}

function entry(findings: Report['findings'], number: number, histories: Details['histories']): HTMLElement {
  const finding = findings[number];
  if (finding === undefined) return element('li');
  const { code, check, message, page, tolerance } = finding;
  const explorable = typeof page?.files === 'string' && Object.hasOwn(histories, page.files);
  return element(
    'li',
    { class: tolerance === undefined ? undefined : 'tolerated' },
    element(
      'p',
      { class: 'title' },
      link(routeTo('finding', number), page === undefined ? code : pageName(page), { class: 'strong' }),
      tolerance === undefined ? undefined : element('span', { class: 'chip open' }, tolerance.kind),
      explorable ? link(routeTo('page', number), 'step through it', { class: 'more' }) : undefined,
    ),
    element('p', { class: 'where' }, page === undefined ? undefined : element('code', {}, code), ` ${check}`),
    element('p', { class: 'message' }, message),
  );
}
