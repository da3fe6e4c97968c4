import type { DriftEvidence } from '../../harness/verdict/drift-evidence.ts';
import { count, element, plural, table } from './dom.ts';
import { shownText } from './shown-text.ts';

const shownLocales = 12;
const shownScripts = 16;

const alarms: Readonly<Record<DriftEvidence['alarm'], string>> = {
  silent: 'PostgreSQL gives no warning',
  warned: 'PostgreSQL warns',
  'false alarm': 'PostgreSQL warns all the same: a false alarm',
  quiet: 'PostgreSQL does not warn',
  unknown: 'not swept: nothing is proved',
};

/** What changes between two libraries: pairs of strings, what moved by script, and which text is safe. */
export function driftPart(drift: DriftEvidence): HTMLElement {
  const { locales, from, to, order, equality, alarm, collversion, classes, examples } = drift;
  const part = element(
    'article',
    { class: `drift ${order === 'changed' || equality === 'changed' ? 'changed' : ''}`.trim() },
    element('h3', {}, localeWords(drift)),
    element(
      'p',
      {},
      `${from} → ${to}: ${changeWords(drift)}. `,
      element('strong', { class: alarm === 'silent' ? 'silent' : undefined }, `${alarms[alarm]}.`),
    ),
    element(
      'p',
      { class: 'faint' },
      `collversion ${collversion.from ?? 'none'} → ${collversion.to ?? 'none'}`,
    ),
  );
  if (drift.letters !== undefined)
    part.append(
      element(
        'p',
        {},
        element('strong', {}, 'Letters change: '),
        `${drift.letters}. Indexes, generated columns and CHECKs on them are wrong; PostgreSQL does not warn.`,
      ),
    );
  if (locales.length > shownLocales)
    part.append(
      element(
        'details',
        {},
        element('summary', {}, plural(locales.length, 'locale')),
        element('p', {}, locales.join(', ')),
      ),
    );
  if (examples.length > 0) part.append(exampleTable(drift));
  if (Object.keys(drift.scripts).length > 0) part.append(scriptChart(drift));
  for (const { name, order: same, strings } of classes)
    part.append(
      element(
        'p',
        {},
        same === 'same'
          ? `Safe: ${name}-only keys, as far as ${count(strings)} strings show.`
          : `Not safe: ${name}-only keys change places, too.`,
      ),
    );
  return part;
}

function localeWords({ provider, locales }: DriftEvidence): string {
  const more = locales.length - shownLocales;
  return `${provider} ${locales.slice(0, shownLocales).join(', ')}${more > 0 ? ` and ${count(more)} more` : ''}`;
}

function changeWords(drift: DriftEvidence): string {
  const { order, equality, codePointsMoved, assignedInBothMoved, everydayMoved, everydayStrings } = drift;
  const words = [
    ...(order === 'changed' ? ['order changes'] : []),
    ...(equality === 'changed' && drift.provider === 'icu' ? ['equality changes'] : []),
    ...(codePointsMoved > 0
      ? [`${plural(codePointsMoved, 'code point')} move, ${count(assignedInBothMoved)} of them known to both`]
      : []),
    ...(everydayMoved > 0
      ? [`${count(everydayMoved)} of ${plural(everydayStrings, 'everyday string')} move`]
      : []),
    ...(drift.own == null
      ? []
      : [
          `${drift.own.moved > 0 ? count(drift.own.moved) : 'none'} of your ${plural(drift.own.strings, 'string')} move`,
        ]),
    ...(drift.equalityStrings > 0 ? [`${plural(drift.equalityStrings, 'string')} with other equals`] : []),
  ];
  const isChanged = order === 'changed' || equality === 'changed';
  return isChanged ? words.join('; ') : ['no change', ...words].join('; ');
}

/** Strings as they look and as they are: many that differ look the same. */
function exampleTable({ examples, from, to }: DriftEvidence): HTMLElement {
  return table(
    'Pairs that change places',
    ['one', 'other', from, to, ''],
    examples.map(({ left, right, from: before, to: after, kind }) => [
      shownText(left),
      shownText(right),
      element('span', { class: 'relation' }, before),
      element('span', { class: 'relation' }, after),
      element('span', { class: 'faint' }, kind),
    ]),
  );
}

/** How many code points moved, by their script; a table whose bars are drawn to scale. */
function scriptChart({ scripts, provider, locales }: DriftEvidence): HTMLElement {
  const all = Object.entries(scripts).toSorted(([, left], [, right]) => right - left);
  const most = all[0]?.[1] ?? 1;
  const rows = all.slice(0, shownScripts).map(([script, moved]) => {
    const bar = element('div', { class: 'bar' });
    bar.style.inlineSize = `${String((100 * moved) / most)}%`;
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, script),
      element('td', { class: 'number' }, count(moved)),
      element('td', { class: 'lane' }, bar),
    );
  });
  const rest = all.slice(shownScripts);
  const left = rest.reduce((sum, [, moved]) => sum + moved, 0);
  return element(
    'div',
    {
      class: 'scroll',
      tabindex: 0,
      role: 'region',
      'aria-label': `What moved by script in ${provider} ${locales[0] ?? ''}`,
    },
    element(
      'table',
      { class: 'scripts' },
      element('caption', {}, 'Code points that both sides know and that moved, by script'),
      element(
        'thead',
        { class: 'hidden' },
        element(
          'tr',
          {},
          ...['script', 'moved', 'share'].map((name) => element('th', { scope: 'col' }, name)),
        ),
      ),
      element('tbody', {}, ...rows),
    ),
    rest.length === 0
      ? undefined
      : element('p', { class: 'faint' }, `and ${count(left)} in ${plural(rest.length, 'more script')}`),
  );
}
