import type { Details } from '../../harness/report/html/html-data.ts';
import type { Report } from '../../harness/report/report.ts';
import { pageName } from '../../harness/verdict/page-name.ts';
import { count, element, link } from './dom.ts';
import { routeTo } from './routes.ts';

const shownAtOnce = 25;

/** All findings, the first ones at once; words typed into its field leave those that hold them all. */
export function findingList({ findings }: Report, histories: Details['histories']): HTMLElement {
  const list = element('ol', { class: 'findings' });
  const more = element('button', { type: 'button' });
  let wanted = findings.map((_, number) => number);
  const add = (until: number): void => {
    for (const number of wanted.slice(list.children.length, until))
      list.append(entry(findings, number, histories));
    const left = wanted.length - list.children.length;
    more.hidden = left === 0;
    more.textContent = `Show ${count(Math.min(left, 4 * shownAtOnce))} more of ${count(left)}`;
  };
  more.addEventListener('click', () => {
    const next = list.children.length;
    add(next + 4 * shownAtOnce);
    list.children[next]?.querySelector('a')?.focus();
  });
  add(shownAtOnce);
  if (findings.length <= shownAtOnce) return element('div', {}, list, more);
  const field = element('input', { type: 'search', id: 'finding-words', autocomplete: 'off' });
  field.addEventListener('input', () => {
    const words = field.value.toLowerCase().split(/\s+/);
    wanted = findings.flatMap(({ check, code, message }, number) => {
      const text = `${check} ${code} ${message}`.toLowerCase();
      return words.every((word) => text.includes(word)) ? [number] : [];
    });
    list.replaceChildren();
    add(shownAtOnce);
  });
  return element(
    'div',
    {},
    element('p', {}, element('label', { for: 'finding-words' }, 'Only those with the words '), field),
    list,
    more,
  );
}

function entry(findings: Report['findings'], number: number, histories: Details['histories']): HTMLElement {
  const finding = findings[number];
  if (finding === undefined) return element('li');
  const { code, check, message, page } = finding;
  const explorable = typeof page?.files === 'string' && Object.hasOwn(histories, page.files);
  return element(
    'li',
    {},
    element(
      'p',
      {},
      link(routeTo('finding', number), page === undefined ? code : pageName(page), { class: 'strong' }),
      explorable ? ' · ' : undefined,
      explorable ? link(routeTo('page', number), 'step through it') : undefined,
    ),
    element('p', { class: 'where' }, element('code', {}, code), ` ${check}`),
    element('p', { class: 'message' }, message),
  );
}
