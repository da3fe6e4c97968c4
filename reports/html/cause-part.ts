import type { CauseView } from '../../harness/report/html/drift-html.ts';
import { count, element, table } from './dom.ts';
import { shownText } from './shown-text.ts';

const shownLocales = 12;

/** Which part is to blame, what was asked, and what each environment with one part exchanged answered. */
export function causePart({
  provider,
  locales,
  cause,
  pairs,
  characters,
  runs,
  idle,
  notExchanged,
}: CauseView): HTMLElement {
  const more = locales.length - shownLocales;
  const names = `${locales.slice(0, shownLocales).join(', ')}${more > 0 ? ` and ${count(more)} more` : ''}`;
  return element(
    'article',
    { class: 'drift changed' },
    element('h3', {}, `${provider} ${names}`),
    element('p', {}, element('strong', {}, cause), '.'),
    characters.length === 0
      ? table(
          'Pairs that were asked',
          ['one', 'other'],
          pairs.map(({ left, right }) => [shownText(left), shownText(right)]),
        )
      : table(
          'Characters that were asked',
          ['what', 'of'],
          characters.map(({ what, character }) => [what, shownText(character)]),
        ),
    table(
      'The answers with one part of the other side at a time',
      ['exchanged', 'libraries', 'server', 'environment'],
      runs.map(({ exchanged, libraries, server, environment }) => [
        exchanged,
        element('span', { class: 'relation' }, libraries),
        element('span', { class: 'relation' }, server),
        element('code', {}, environment),
      ]),
    ),
    ...(idle.length === 0 ? [] : [element('p', {}, `Exchanged without effect: ${idle.join(', ')}.`)]),
    ...notExchanged.map(({ part, why }) => element('p', {}, `Not exchanged: ${part}: ${why}`)),
  );
}
