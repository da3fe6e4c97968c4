import { characterWords } from './character-words.ts';
import type { LocaleProof, TopicProof } from '../../readback/proof/locale-proof.ts';
import type { Palette } from '../../report/console-view.ts';
import type { ReadbackFindingCode } from '../../verdict/finding-code.ts';
import { plainestFinding } from '../../readback/proof/plainest-finding.ts';
import type { DriftProof } from './prove-drift.ts';

/** What proofs show, in words of those who run databases. */
export function proofLines({ proved, inDrift }: DriftProof, palette: Palette): readonly string[] {
  return [
    '',
    ...proved.flatMap(({ proof }) => localeLines(proof, palette)),
    ...inDrift.notProved.map((words) => `not proved ${words}`),
  ];
}

function localeLines(proof: LocaleProof, palette: Palette): readonly string[] {
  const { provider, locale, server, from, to, order, rows, warnings } = proof;
  const warned = warnings.opened.length > 0;
  const place = `${counted(rows.order, 'string')}, written by ${server} on ${from}, read by the same program on ${to}`;
  const name = palette.strong(`${provider} ${locale}`);
  const head = order.breaks
    ? `${palette.bad('✗')} proof of ${name}: PostgreSQL breaks, ${warned ? 'with a warning' : 'WITHOUT A WARNING'}; ${place}`
    : `${palette.good('✓')} proof of ${name}: nothing breaks${warned ? ', though PostgreSQL warns' : ''}; ${place}`;
  return [
    head,
    ...(order.breaks ? brokenLines(order) : []),
    ...pageLines(proof),
    ...(warned ? [line('warning', warnings.opened[0] ?? '')] : []),
    ...(order.breaks && !warned ? [line('warning', `none: ${whySilent(proof)}`)] : []),
    ...(order.breaks ? cureLines(order, warned) : []),
    ...characterLines(proof),
  ];
}

/** What goes wrong, worst first; the numbers are those of all indexes, the example that of one. */
function brokenLines({ opened }: TopicProof): readonly string[] {
  const { counts } = opened;
  const example = (code: ReadbackFindingCode): string => {
    const message = plainestFinding(opened, code)?.message;
    return message === undefined ? '' : `; ${message}`;
  };
  const all: readonly (readonly [string, number, string, ReadbackFindingCode | undefined])[] = [
    [
      'not found',
      counts.rowsNotFound,
      numbers(
        counts.rowsNotFound,
        'of',
        counts.rowsLookedUp,
        'rows are not found through an index that has them',
      ),
      'readback-row-not-found',
    ],
    [
      'doubled',
      counts.duplicatesAccepted,
      numbers(
        counts.duplicatesAccepted,
        'of',
        counts.duplicatesOffered,
        'duplicates are accepted by unique indexes',
      ),
      'readback-duplicate-accepted',
    ],
    [
      'equal now',
      counts.duplicatesStored,
      numbers(counts.duplicatesStored, 'rows equal another one under a unique index'),
      'readback-duplicate-stored',
    ],
    [
      'miscounted',
      counts.rangesWrong,
      numbers(counts.rangesWrong, 'of', counts.rangesCounted, 'ranges are counted wrongly'),
      'readback-range-wrong',
    ],
    [
      'joins',
      counts.rowsNotJoined,
      numbers('merge joins fail or miss rows:', counts.rowsNotJoined, 'of', counts.rowsJoined),
      undefined,
    ],
    [
      'partitions',
      counts.rowsInWrongPartition,
      numbers(counts.rowsInWrongPartition, 'rows are in a partition where no query looks for them'),
      undefined,
    ],
    [
      'checks',
      counts.rowsAgainstConstraints,
      numbers(counts.rowsAgainstConstraints, 'rows break a CHECK or a foreign key that they passed'),
      undefined,
    ],
    [
      'amcheck',
      counts.indexesCorrupt,
      numbers(counts.indexesCorrupt, 'of', counts.indexesAmchecked, 'indexes that it knows are corrupt'),
      'readback-index-corrupt',
    ],
  ];
  return all
    .filter(([, count]) => count > 0)
    .map(([label, , words, code]) => line(label, words + (code === undefined ? '' : example(code))));
}

/** `3,411 of 12,000 rows`. */
function numbers(...parts: readonly (string | number)[]): string {
  return parts.map((part) => (typeof part === 'number' ? part.toLocaleString('en') : part)).join(' ');
}

function whySilent({ provider, locale, collversion }: LocaleProof): string {
  return collversion.from === null
    ? `PostgreSQL records no version of ${provider} ${locale}, so that it cannot see that it changed`
    : `its version is ${collversion.from} on both sides`;
}

function pageLines({ pages, from, to }: LocaleProof): readonly string[] {
  const page = pages.find(({ pairsFlipped, index }) => pairsFlipped > 0 && index.startsWith('sorted.'));
  const [flip] = page?.flips ?? [];
  if (page === undefined || flip === undefined) return [];
  const { left, right } = flip;
  const key = ({ text, codePoints }: typeof left.key): string =>
    /^[\x20-\x7e]*$/.test(text) ? `"${text}"` : `"${text}" (${codePoints.join(' ')})`;
  const at = ({ block, item }: typeof left.from): string => `leaf ${String(block)} item ${String(item)}`;
  return [
    line(
      'in the page',
      `${page.index} of ${from} has ${key(left.key)} at ${at(left.from)} before ${key(right.key)} at ${at(right.from)}; built on ${to}, they are at ${at(left.to)} and ${at(right.to)} (${counted(page.pairsFlipped, 'pair')} of neighbours change places)`,
    ),
  ];
}

function cureLines(
  { opened, refreshed, reindexed, refusals }: TopicProof,
  warned: boolean,
): readonly string[] {
  const left = [
    ...(reindexed.counts.rowsInWrongPartition > 0
      ? [`${counted(reindexed.counts.rowsInWrongPartition, 'row')} in the wrong partition`]
      : []),
    ...(reindexed.counts.rowsAgainstConstraints > 0
      ? [`${counted(reindexed.counts.rowsAgainstConstraints, 'row')} against a CHECK or a foreign key`]
      : []),
    ...(reindexed.brokenIndexes.length > 0
      ? [counted(reindexed.brokenIndexes.length, 'broken index', 'broken indexes')]
      : []),
  ];
  const mended = opened.brokenIndexes.filter((index) => !reindexed.brokenIndexes.includes(index));
  const isSame = JSON.stringify(refreshed.counts) === JSON.stringify(opened.counts);
  return [
    line(
      'REFRESH',
      `${warned ? 'REFRESH VERSION silences the warning' : 'there is no version to refresh'}; ${isSame ? 'all of it stays' : `${counted(refreshed.counts.rowsNotFound, 'row')} ${refreshed.counts.rowsNotFound === 1 ? 'stays' : 'stay'} lost`}`,
    ),
    line(
      'REINDEX',
      [
        `mends ${counted(mended.length, 'index', 'indexes')}`,
        ...(refusals.length === 0
          ? []
          : [
              `is refused for ${counted(refusals.length, 'index', 'indexes')}: ${(refusals[0]?.message ?? '').replace(/\.$/, '')}`,
            ]),
        ...(left.length === 0 ? [] : [`what it leaves: ${left.join(', ')}`]),
      ].join('; '),
    ),
  ];
}

function characterLines({
  charactersChanged,
  characterExamples,
  characters,
}: LocaleProof): readonly string[] {
  const letters = characterWords({ changed: charactersChanged, examples: characterExamples });
  if (letters === undefined) return [];
  const { counts } = characters.opened;
  return [
    line('letters', letters),
    ...(characters.breaks
      ? [
          line(
            '',
            `text with these breaks indexes on lower() and upper(), citext, trigrams, text search, regular expressions: ${counted(counts.rowsNotFound, 'row')} of ${counts.rowsLookedUp.toLocaleString('en')} not found, ${counted(counts.duplicatesAccepted, 'duplicate')} accepted, ${counted(counts.valuesStale, 'generated value')} and ${counted(counts.rowsAgainstConstraints, 'CHECK')} wrong`,
          ),
        ]
      : []),
  ];
}

function line(label: string, words: string): string {
  return `    ${label.padEnd(11)} ${words}`;
}

function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? noun : plural}`;
}
