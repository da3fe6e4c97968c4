import type { Suspect, SuspectPage } from '../../harness/report/html/html-data.ts';
import { element, link, plural } from './dom.ts';
import { routeTo, routeToOverview } from './routes.ts';

/** What findings that seem to have one cause come to: the most telling of them, and the way to the others. */
export function suspectCard(suspect: Suspect): HTMLElement {
  const { code, record, count: number, first, check, message, page, notes } = suspect;
  const target = page?.hasHistory === true ? routeTo('page', first) : routeTo('finding', first);
  const title = record === null ? words(code) : `Wrong after ${record}`;
  const card = element(
    'article',
    { class: 'suspect' },
    element('h3', {}, link(target, title)),
    element(
      'p',
      { class: 'where' },
      number === 1
        ? element('span', { class: 'count' }, '1 finding')
        : link(routeToOverview({ code }), plural(number, 'finding'), { class: 'count' }),
      ` ${check}`,
    ),
    ...(page === null ? [element('p', { class: 'message' }, message)] : [pageFacts(page)]),
    notes.length === 0
      ? undefined
      : element('ul', { class: 'notes' }, ...notes.map((note) => element('li', {}, note))),
  );
  if (page !== null)
    card.append(
      element(
        'p',
        {},
        link(target, page.hasHistory ? 'Step through the page' : 'Open the finding', { class: 'button' }),
      ),
    );
  return card;
}

function pageFacts(page: SuspectPage): HTMLElement {
  return element(
    'dl',
    { class: 'pairs' },
    ...pair('page', page.name),
    ...(page.record === null ? [] : pair('first wrong after', page.record)),
    ...(page.field === '' ? [] : pair('field', `${page.field}, byte ${String(page.offset)}`)),
    ...(page.field === '' ? [] : pair('expected', page.expected, 'code')),
    ...(page.field === '' ? [] : pair('found', page.actual, 'code')),
  );
}

function pair(name: string, value: string, kind = ''): readonly HTMLElement[] {
  return [element('dt', {}, name), element('dd', { class: kind }, value)];
}

/** `page-records-missing` as words. */
function words(code: string): string {
  const text = code.replaceAll('-', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
