import type { ProofState, ProofView } from '../../harness/report/html/drift-html.ts';
import type { ReadbackCounts } from '../../harness/readback/readback-counts.ts';
import { count, element, table } from './dom.ts';
import { shownText } from './shown-text.ts';

const shownFindings = 8;
/** What should be none. */
const wrong: ReadonlySet<string> = new Set<keyof ReadbackCounts>([
  'tablesCorrupt',
  'indexesCorrupt',
  'rowsNotFound',
  'duplicatesAccepted',
  'duplicatesStored',
  'rangesWrong',
  'rowsOutOfOrder',
  'rowsNotJoined',
  'rowsInWrongPartition',
  'rowsAgainstConstraints',
  'valuesStale',
]);

/** One proof on a real data directory: what was found, by number and by name, and the leaves in which it is seen. */
export function proofPart({
  provider,
  locale,
  server,
  from,
  to,
  rows,
  warnings,
  order,
  pages,
}: ProofView): HTMLElement {
  const { opened, refreshed, reindexed } = order;
  const warning = warnings.opened[0];
  const part = element(
    'article',
    { class: order.breaks ? 'drift changed' : 'drift' },
    element('h3', {}, `${provider} ${locale}: ${order.breaks ? 'PostgreSQL breaks' : 'nothing breaks'}`),
    element(
      'p',
      {},
      `${count(rows.order)} strings, ${count(rows.moved)} of which move, written by ${server} on ${from} and read by the same program on ${to}. `,
      element(
        'strong',
        { class: warning === undefined && order.breaks ? 'silent' : undefined },
        warning === undefined ? 'PostgreSQL gives no warning.' : `PostgreSQL warns: ${warning}`,
      ),
    ),
  );
  const states = [opened, refreshed, reindexed];
  const names = [...new Set(states.flatMap(({ counts }) => Object.keys(counts)))].filter((name) =>
    states.some(({ counts }) => numberOf(counts, name) > 0),
  );
  part.append(
    table(
      'What was asked and found, in numbers',
      ['', 'opened as it is', 'after REFRESH VERSION alone', 'after REINDEX alone'],
      names.map((name) => [
        words(name),
        ...states.map(({ counts }) => {
          const number = numberOf(counts, name);
          return number > 0 && wrong.has(name)
            ? element('strong', { class: 'changed' }, count(number))
            : count(number);
        }),
      ]),
    ),
  );
  if (opened.findings.length > 0) part.append(findings(opened));
  for (const { index, entries, pairsFlipped, flips } of pages) {
    if (pairsFlipped === 0) continue;
    part.append(
      table(
        `Leaves of ${index}: of ${count(entries)} entries ${count(pairsFlipped)} neighbours change places`,
        ['one', 'other', `built on ${from}`, `built on ${to}`],
        flips.map(({ left, right }) => [
          shownText(left.key),
          shownText(right.key),
          `${place(left.from)}, ${place(right.from)}`,
          `${place(left.to)}, ${place(right.to)}`,
        ]),
      ),
    );
  }
  return part;
}

function findings({ findings: all }: ProofState): HTMLElement {
  return element(
    'details',
    {},
    element('summary', {}, `${count(all.length)} findings`),
    element(
      'ul',
      {},
      ...all
        .slice(0, shownFindings)
        .map(({ code, message }) => element('li', {}, element('code', {}, code), ` ${message}`)),
    ),
    all.length > shownFindings
      ? element('p', { class: 'faint' }, `and ${count(all.length - shownFindings)} more in drift.json`)
      : undefined,
  );
}

function place({ block, item }: { readonly block: number; readonly item: number }): string {
  return `block ${String(block)} item ${String(item)}`;
}

function numberOf(counts: object, name: string): number {
  const value = (counts as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'number' ? value : 0;
}

/** `rowsNotFound` as words. */
function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
