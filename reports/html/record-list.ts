import type { PageStep } from '../../harness/verdict/history-steps.ts';
import type { HistoryRecord, PageHistory } from '../../harness/verdict/page-history.ts';
import { element, plural } from './dom.ts';

/** The records of a page in order, each a button that leads to the page after it. */
export function recordList(
  history: PageHistory,
  steps: readonly PageStep[],
  onStep: (index: number) => void,
): HTMLElement {
  const list = element('ol', { class: 'records' });
  const known = new Map(steps.map(({ count }, index) => [count, index]));
  const base = known.get(0);
  if (base !== undefined)
    list.append(item('the page as it was pushed', '', 0, base, onStep, history.steps?.parting));
  else list.append(element('li', { class: 'faint' }, `no page is pushed: it is ${history.origin}`));
  let last = 0;
  for (const record of history.records) {
    if (record.number > last + 1) list.append(folded(record.number - last - 1));
    list.append(
      item(
        title(record),
        record.endLsn,
        record.number,
        known.get(record.number),
        onStep,
        history.steps?.parting,
      ),
    );
    last = record.number;
  }
  if (last < history.recordCount) list.append(folded(history.recordCount - last));
  return list;
}

function folded(records: number): HTMLElement {
  return element('li', { class: 'faint' }, `${plural(records, 'record')} not listed`);
}

function title({ rmgr, kind, number }: HistoryRecord): string {
  return `${String(number)} ${rmgr} ${kind}`.trim();
}

function item(
  words: string,
  endLsn: string,
  number: number,
  step: number | undefined,
  onStep: (index: number) => void,
  parting: number | null = null,
): HTMLElement {
  const isParting = number === parting;
  const li = element('li', { 'data-record': number, class: isParting ? 'parting' : undefined });
  const label = [
    element('span', {}, words),
    element('code', { class: 'faint' }, endLsn),
    isParting ? element('strong', {}, 'wrong from here on') : undefined,
  ];
  if (step === undefined) {
    li.append(element('span', { class: 'plain' }, ...label));
    return li;
  }
  const button = element('button', { type: 'button', class: 'plain', 'data-step': step }, ...label);
  button.addEventListener('click', () => {
    onStep(step);
  });
  li.append(button);
  return li;
}

/** What a record holds. */
export function recordDetails(record: HistoryRecord | undefined): HTMLElement {
  if (record === undefined)
    return element('p', { class: 'faint' }, 'No record: the page as it was before the first.');
  const { number, rmgr, kind, endLsn, xid, lengthBytes, blocks, fields, mainData, blockData } = record;
  return element(
    'div',
    { class: 'record' },
    element('h3', {}, `Record ${String(number)}: ${rmgr} ${kind}`),
    element(
      'p',
      {},
      `ends at ${endLsn}, ${plural(lengthBytes, 'byte')}${xid === null || xid === 0 ? '' : `, transaction ${String(xid)}`}; ${blocks.map((block) => `block ${block}`).join(', ')}`,
    ),
    fields.length === 0
      ? undefined
      : element(
          'dl',
          { class: 'pairs' },
          ...fields.flatMap(({ name, value }) => [element('dt', {}, name), element('dd', {}, value)]),
        ),
    mainData === '' && blockData === ''
      ? undefined
      : element(
          'details',
          {},
          element('summary', {}, 'Its bytes'),
          ...bytesOf('main data', mainData),
          ...bytesOf('data for this page', blockData),
        ),
  );
}

function bytesOf(name: string, hex: string): readonly HTMLElement[] {
  return hex === ''
    ? []
    : [
        element('p', {}, name),
        element('code', { class: 'long', tabindex: 0 }, (hex.match(/../g) ?? []).join(' ')),
      ];
}
