import type { EnvironmentFacts } from '../collation/drift.ts';
import type { ExampleString } from '../collation/example-string.ts';
import type { DriftExample } from '../collation/examples.ts';
import type { LocaleDrift } from '../collation/locale-drift.ts';
import { driftEvidence, libraryWords } from './drift-evidence.ts';
import type { Finding } from './finding.ts';

/** The two sides by the names that words use. */
export interface DriftSides {
  readonly compute: EnvironmentFacts;
  readonly candidate: EnvironmentFacts;
}

const shownLocales = 8;
const shownScripts = 2;

/** What a candidate's library orders otherwise than the compute image's: a finding for all locales of which the same is true. */
export function driftFindings(drifts: readonly LocaleDrift[], sides: DriftSides): readonly Finding[] {
  const harmful = drifts.filter(isHarmful);
  return [...Map.groupBy(harmful, whatOf).values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [findingOf([first, ...others], sides)],
  );
}

/** What must be said of locales in use that do not change. */
export function driftNotes(drifts: readonly LocaleDrift[], sides: DriftSides): readonly string[] {
  const peaceful = drifts.filter((drift) => !isHarmful(drift));
  const groups = Map.groupBy(
    peaceful,
    ({ provider, alarm, strings }) => `${provider} ${alarm} ${String(strings)}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const alarm =
      first.alarm === 'false alarm'
        ? `; PostgreSQL would warn all the same (${versionsWords(first)}): a false alarm`
        : '';
    const versions = `${libraryWords(first, sides.compute)} and ${libraryWords(first, sides.candidate)}`;
    return [
      `${versions} put ${first.strings.toLocaleString('en')} strings in one order in ${listed(names(group))}${alarm}`,
    ];
  });
}

/** What changes in locales that are not in use, in a line each. */
export function otherDriftNotes(others: readonly LocaleDrift[]): readonly string[] {
  const changed = others.filter(({ order }) => order === 'changed');
  const open = others.filter(({ order }) => order === 'unknown');
  return [
    ...(changed.length === 0 ? [] : [`not in use, but order changes in: ${listed(names(changed))}`]),
    ...(open.length === 0
      ? []
      : [`not in use, other data, and no chosen pair flips (not swept): ${listed(names(open))}`]),
  ];
}

/** glibc's equals matter only where they change the order: PostgreSQL tells them apart by their bytes. */
function isHarmful({ provider, order, equality }: LocaleDrift): boolean {
  return order === 'changed' || (provider === 'icu' && equality === 'changed');
}

function whatOf({ sweptAs, locale, order, warned, codePointsMoved, everydayMoved }: LocaleDrift): string {
  return codePointsMoved + everydayMoved > 0
    ? [order, warned, codePointsMoved, everydayMoved].join(' ')
    : (sweptAs ?? locale);
}

function findingOf(group: readonly [LocaleDrift, ...(readonly LocaleDrift[])], sides: DriftSides): Finding {
  const [drift] = group;
  const { compute, candidate } = sides;
  const isOrder = drift.order === 'changed';
  const warning = drift.warned
    ? `PostgreSQL would warn (${versionsWords(drift)})`
    : 'PostgreSQL would NOT warn';
  return {
    code: isOrder ? 'collation-order-drift' : 'collation-equality-drift',
    message: [
      `${libraryWords(drift, candidate)} ${isOrder ? 'orders strings' : 'takes strings for equal'} otherwise than ` +
        `${libraryWords(drift, compute)} in ${listed(names(group))}, in use: ${movedWords(drift)}`,
      ...shownExamples(drift).map((each) => pairWords(each, sides, shortWords)),
      warning,
    ].join('; '),
    drift: driftEvidence(group, compute, candidate),
    details: {
      library: libraryOf(drift),
      provider: drift.provider,
      locales: names(group),
      computeLibrary: libraryWords(drift, compute),
      candidateLibrary: libraryWords(drift, candidate),
      computeCollversion: drift.collversion.from ?? 'none',
      candidateCollversion: drift.collversion.to ?? 'none',
      warned: drift.warned ? 'yes' : 'no',
      codePointsMoved: drift.codePointsMoved,
      assignedInBothMoved: drift.assignedInBothMoved,
      everydayMoved: drift.everydayMoved,
      equalityStrings: drift.equalityStrings,
      examples: drift.examples.map((each) => pairWords(each, sides, fullWords)),
    },
  };
}

/** The smallest pair and the most everyday one. */
function shownExamples({ examples }: LocaleDrift): readonly DriftExample[] {
  const kinds = ['smallest', 'everyday', 'equality'] as const;
  return kinds.flatMap((kind) => examples.find((each) => each.kind === kind) ?? []).slice(0, 2);
}

/** What moved, by the measure that says most. */
function movedWords(drift: LocaleDrift): string {
  const { codePointsMoved, assignedInBothMoved, scripts, everydayMoved, everydayStrings, equalityStrings } =
    drift;
  const all = Object.entries(scripts);
  const shown = all.slice(0, shownScripts).map(([name, count]) => `${name} ${count.toLocaleString('en')}`);
  const where = [...shown, ...(all.length > shown.length ? ['...'] : [])].join(', ');
  const newToOne = codePointsMoved - assignedInBothMoved;
  const words = [
    ...(assignedInBothMoved > 0
      ? [`${counted(assignedInBothMoved, 'code point')} move${where === '' ? '' : ` (${where})`}`]
      : []),
    ...(newToOne > 0 ? [`${newToOne.toLocaleString('en')} more that only one side knows`] : []),
    ...(everydayMoved > 0
      ? [`${everydayMoved.toLocaleString('en')} of ${counted(everydayStrings, 'everyday string')} move`]
      : []),
  ];
  return words.length > 0 ? words.join(', ') : `${counted(equalityStrings, 'string')} with other equals`;
}

function pairWords(
  { left, right, from, to }: DriftExample,
  { compute, candidate }: DriftSides,
  words: (string: ExampleString) => string,
): string {
  return `${words(left)} ${from} ${words(right)} in ${compute.name}, ${to} in ${candidate.name}`;
}

function fullWords({ text, codePoints }: ExampleString): string {
  return `"${text}" (${codePoints.join(' ')})`;
}

/** ASCII speaks for itself. */
function shortWords({ text, codePoints }: ExampleString): string {
  const others = new Set(codePoints.filter((name) => !/^U\+00(?:[2-6][0-9A-F]|7[0-9A-E])$/.test(name)));
  return others.size === 0 ? `"${text}"` : `"${text}" (${[...others].join(' ')})`;
}

function libraryOf({ provider }: LocaleDrift): 'libc' | 'libicu' {
  return provider === 'icu' ? 'libicu' : 'libc';
}

function versionsWords({ collversion: { from, to } }: LocaleDrift): string {
  return `collversion ${from ?? 'none'} against ${to ?? 'none'}`;
}

function names(drifts: readonly LocaleDrift[]): readonly string[] {
  return drifts.map(({ locale }) => locale);
}

function listed(all: readonly string[]): string {
  const more = all.length - shownLocales;
  return `${all.slice(0, shownLocales).join(', ')}${more > 0 ? ` and ${more.toLocaleString('en')} more` : ''}`;
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
