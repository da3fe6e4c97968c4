import type { Drift, EnvironmentFacts } from '../../collation/drift.ts';
import type { DriftExample } from '../../collation/examples.ts';
import type { ExampleString } from '../../collation/example-string.ts';
import type { Alarm, LocaleDrift } from '../../collation/locale-drift.ts';
import type { Palette } from '../../report/console-view.ts';
import { characterWords } from './character-words.ts';

const shownNames = 6;
const shownScripts = 4;

const alarmWords: Readonly<Record<Alarm, string>> = {
  silent: 'SILENT: PostgreSQL gives no warning',
  warned: 'PostgreSQL warns',
  'false alarm': 'PostgreSQL warns all the same: a false alarm',
  quiet: 'PostgreSQL does not warn',
  unknown: 'not swept',
};

/** What changes between two environments, for people: what changes first, then what does not, then what to do. */
export function driftLines(drift: Drift, palette: Palette): readonly string[] {
  const { from, to, localeData, onlyIn, locales } = drift;
  const groups = [...Map.groupBy(locales, groupKey).values()];
  const changed = groups.filter(([first]) => isChanged(first));
  const others = groups.filter(([first]) => !isChanged(first));
  const alone = [...onlyIn.from, ...onlyIn.to];
  return [
    `drift    ${from.name} -> ${to.name}`,
    `from     ${environmentWords(from)}`,
    `to       ${environmentWords(to)}`,
    `data     LC_COLLATE of ${counted(localeData.inBoth, 'locale')} on both sides: ${String(localeData.equal)} equal byte for byte${
      localeData.different.length === 0
        ? ''
        : `, ${String(localeData.different.length)} different: ${localeData.different.join(', ')}`
    }`,
    ...(alone.length === 0 ? [] : [`not compared: ${listed(alone)} (on one side only)`]),
    '',
    ...changed.flatMap((group) => changedLines(group, palette)),
    ...others.flatMap((group) => unchangedLines(group, palette)),
    ...advice(locales),
  ];
}

/** Locales of which the same is to be said. */
function groupKey(drift: LocaleDrift): string {
  const { provider, order, alarm, evidence, characters, codePointsMoved } = drift;
  const { everydayMoved, own, classes, examples } = drift;
  const what = isChanged(drift) ? [codePointsMoved, everydayMoved, classes, examples] : [];
  return JSON.stringify([provider, order, alarm, evidence, characters, own, what]);
}

function isChanged(drift: LocaleDrift | undefined): boolean {
  return drift?.order === 'changed' || drift?.equality === 'changed';
}

function changedLines(group: readonly LocaleDrift[], palette: Palette): readonly string[] {
  const drift = group[0] as LocaleDrift;
  const what = [
    ...(drift.order === 'changed' ? ['order changes'] : []),
    ...(drift.equality === 'changed' && drift.provider === 'icu'
      ? ['equality changes where it is nondeterministic']
      : []),
  ].join(', ');
  const newToOne = drift.codePointsMoved - drift.assignedInBothMoved;
  const moved = [
    ...ownWords(drift),
    ...(drift.assignedInBothMoved > 0
      ? [`${counted(drift.assignedInBothMoved, 'code point')} move (${scriptWords(drift)})`]
      : []),
    ...(newToOne > 0 ? [`${counted(newToOne, 'code point')} new to one side`] : []),
    ...(drift.everydayMoved > 0
      ? [
          `${drift.everydayMoved.toLocaleString('en')} of ${counted(drift.everydayStrings, 'everyday string')} move`,
        ]
      : []),
    ...(drift.equalityStrings > 0 ? [`${counted(drift.equalityStrings, 'string')} with other equals`] : []),
  ];
  return [
    `${palette.bad('✗')} ${drift.provider} ${palette.strong(names(group))}: ${what}; ${alarmWords[drift.alarm]}`,
    ...(moved.length === 0 ? [] : [`    ${moved.join('; ')}`]),
    ...drift.examples.map((example) => `    ${exampleWords(example, palette)}`),
    ...safety(drift),
  ];
}

function unchangedLines(group: readonly LocaleDrift[], palette: Palette): readonly string[] {
  const first = group[0] as LocaleDrift;
  const { provider, order, alarm, evidence } = first;
  const mark = order === 'same' && lettersOf(first) === undefined ? palette.good('✓') : palette.doubtful('?');
  const letters = lettersOf(first);
  const why =
    order === 'same'
      ? `${changeWords(first)}; ${alarmWords[alarm]}`
      : `no canary flips; not swept: nothing is proved${first.own === null ? '' : ' of others'}`;
  const what = [...ownWords(first), why].join('; ');
  return [
    `${mark} ${provider} ${names(group)}: ${what} ${palette.faint(`(${evidence.join(', ')})`)}`,
    ...(letters === undefined ? [] : [`    ${letters}`]),
  ];
}

/** What servers see differently of single characters; undefined where nothing is, or nobody asked. */
function lettersOf({ characters }: LocaleDrift): string | undefined {
  return characters === null ? undefined : characterWords(characters);
}

/** What is known of a locale whose order does not change. */
function changeWords(drift: LocaleDrift): string {
  if (lettersOf(drift) !== undefined) return 'no order changes, LETTERS do';
  return drift.provider === 'builtin' && drift.characters === null
    ? "no order changes; letters were not asked of both sides' servers"
    : 'no change';
}

/** What becomes of the user's own strings. */
function ownWords({ own }: LocaleDrift): readonly string[] {
  if (own === null) return [];
  const { strings, moved, otherEquals } = own;
  return [
    `${moved === 0 ? 'none' : moved.toLocaleString('en')} of your ${counted(strings, 'string')} ${moved === 1 ? 'moves' : 'move'}`,
    ...(otherEquals === 0 ? [] : [`${otherEquals.toLocaleString('en')} of them have other equals`]),
  ];
}

/** What the sweep shows of the kinds of text that most keys are. */
function safety({ classes, provider, locale }: LocaleDrift): readonly string[] {
  return classes.map(({ name, order, strings }) =>
    order === 'same'
      ? `    safe: ${name}-only keys, as far as ${counted(strings, 'string')} show, every pair of characters among them`
      : `    not safe: ${name}-only keys of ${provider} ${locale} change places, too`,
  );
}

function advice(locales: readonly LocaleDrift[]): readonly string[] {
  const changed = locales.filter((drift) => isChanged(drift));
  const falseAlarms = locales.filter(({ alarm }) => alarm === 'false alarm');
  const silent = changed.filter(({ alarm }) => alarm === 'silent');
  const letters = locales.filter((drift) => lettersOf(drift) !== undefined);
  return [
    '',
    ...(changed.length === 0
      ? ['order    the same in all that was compared']
      : [
          `reindex  every index, constraint and partition bound on text under ${nameList(changed)}, and on arrays, composites, ranges and jsonb that hold such text; look for duplicates first`,
        ]),
    ...(letters.length === 0
      ? []
      : [
          `letters  indexes, generated columns and CHECKs on lower(), upper(), citext or regular expressions under ${nameList(letters)} are wrong where these letters stand; PostgreSQL gives no warning of them`,
        ]),
    ...(silent.length === 0 ? [] : [`silent   no warning will come for ${nameList(silent)}`]),
    ...(falseAlarms.length === 0
      ? []
      : [`alarms   ALTER COLLATION ... REFRESH VERSION is all that ${nameList(falseAlarms)} need`]),
  ];
}

function nameList(drifts: readonly LocaleDrift[]): string {
  return listed(drifts.map(({ provider, locale }) => `${provider} ${locale}`));
}

function names(group: readonly LocaleDrift[]): string {
  return listed(group.map(({ locale }) => locale));
}

function listed(all: readonly string[]): string {
  const more = all.length - shownNames;
  return `${all.slice(0, shownNames).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
}

function environmentWords({ name, libc, icu }: EnvironmentFacts): string {
  const library = icu === null ? 'no libicu' : `ICU ${icu.version} (Unicode ${icu.unicode})`;
  return `${name}: glibc ${libc}, ${library}`;
}

function scriptWords({ scripts }: LocaleDrift): string {
  const all = Object.entries(scripts);
  const more = all.length - shownScripts;
  const shown = all.slice(0, shownScripts).map(([name, count]) => `${name} ${count.toLocaleString('en')}`);
  return `${shown.join(', ')}${more > 0 ? ` and ${String(more)} more scripts` : ''}`;
}

function exampleWords({ kind, left, right, from, to }: DriftExample, palette: Palette): string {
  return `${quoted(left)} ${from} ${quoted(right)} becomes ${to}${kind === 'own' ? ' (yours)' : ''}  ${palette.faint(`${left.codePoints.join(' ')} | ${right.codePoints.join(' ')}`)}`;
}

/** Control characters and lone marks would spoil the line. */
function quoted({ text, codePoints }: ExampleString): string {
  return /[\p{C}\p{Zl}\p{Zp}]|^\p{M}/u.test(text) && !/\p{Extended_Pictographic}/u.test(text)
    ? codePoints.join(' ')
    : `"${text}"`;
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
