import type { ExplainedField } from '../../harness/page/explain.ts';
import { count, element, plural, type Child } from './dom.ts';
import type { FieldRow } from './field-rows.ts';
import { keyValue } from './key-value.ts';

/** Bytes of a long field that are shown, around its first difference. */
const shownBytes = 12;
const mostRows = 200;

export interface FieldTableOptions {
  readonly names: readonly [left: string, right: string];
  /** Of the relation's texts. */
  readonly collations: readonly string[];
  readonly onPick: (row: FieldRow) => void;
}

/** The fields of two pages with bytes and values: those that differ, or all. */
export function fieldTable(rows: readonly FieldRow[], options: FieldTableOptions): HTMLElement {
  const differing = rows.filter(({ differs }) => differs);
  const box = element('div', { class: 'fields' });
  const draw = (showsAll: boolean): void => {
    const shown = showsAll ? rows : differing;
    const toggle = element(
      'button',
      { type: 'button', 'aria-pressed': String(showsAll) },
      showsAll ? `Only the ${count(differing.length)} that differ` : `All ${count(rows.length)} fields`,
    );
    toggle.addEventListener('click', () => {
      draw(!showsAll);
      box.querySelector('button')?.focus();
    });
    box.replaceChildren(
      element(
        'p',
        {},
        `${plural(differing.length, 'field')} of ${count(rows.length)} ${differing.length === 1 ? 'differs' : 'differ'}. `,
        toggle,
      ),
      ...(shown.length === 0 ? [] : [drawn(shown, options)]),
    );
  };
  draw(false);
  return box;
}

function drawn(rows: readonly FieldRow[], options: FieldTableOptions): HTMLElement {
  const body = element('tbody');
  const add = (from: number): void => {
    body.append(...rows.slice(from, from + mostRows).map((row) => tableRow(row, options)));
  };
  add(0);
  const scroll = element(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Fields of the page' },
    element(
      'table',
      { class: 'field-table' },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ...['byte', 'of', 'field', ...options.names].map((name) => element('th', { scope: 'col' }, name)),
        ),
      ),
      body,
    ),
  );
  if (rows.length <= mostRows) return scroll;
  const more = element('button', { type: 'button' }, `The other ${count(rows.length - mostRows)} fields`);
  more.addEventListener('click', () => {
    for (let from = mostRows; from < rows.length; from += mostRows) add(from);
    more.remove();
  });
  return element('div', {}, scroll, more);
}

function tableRow(row: FieldRow, { collations, onPick }: FieldTableOptions): HTMLElement {
  const name = element('button', { type: 'button', class: 'plain' }, row.name);
  name.addEventListener('click', () => {
    onPick(row);
  });
  return element(
    'tr',
    { class: row.differs ? 'differs' : undefined },
    element('td', { class: 'number' }, String(row.firstByte)),
    element('td', {}, row.part),
    element('th', { scope: 'row' }, name),
    element('td', {}, ...side(row.left, row.right, collations)),
    element('td', {}, ...side(row.right, row.left, collations)),
  );
}

/** Bytes with those marked that the other side has otherwise, then the value. */
function side(
  field: ExplainedField | undefined,
  other: ExplainedField | undefined,
  collations: readonly string[],
): readonly Child[] {
  if (field === undefined) return [element('span', { class: 'faint' }, 'not there')];
  const bytes = field.bytes.match(/../g) ?? [];
  const others = other?.bytes.match(/../g);
  const isOther = (at: number): boolean => others !== undefined && bytes[at] !== others?.[at];
  const first = bytes.findIndex((_, at) => isOther(at));
  const start = bytes.length <= shownBytes || first < shownBytes - 2 ? 0 : first - 2;
  const code = element('code', {});
  if (start > 0) code.append('… ');
  for (let at = start; at < Math.min(bytes.length, start + shownBytes); at++) {
    const byte = bytes[at] ?? '';
    code.append(isOther(at) ? element('mark', {}, byte) : byte, ' ');
  }
  if (start + shownBytes < bytes.length) code.append('…');
  const key = keyValue(field, collations);
  return [code, key ?? (field.value === null ? undefined : element('div', { class: 'value' }, field.value))];
}
