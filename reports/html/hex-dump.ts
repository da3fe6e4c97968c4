import type { PageKind } from '../../harness/page/kind.ts';
import { rangeOfEachByte, type ClassedRange } from '../../harness/page/byte-classes.ts';
import {
  bytesPerRow,
  rowsOfPage,
  tellingRows,
  wholeRows,
  type ChosenBytes,
} from '../../harness/page/hex-rows.ts';
import { count, element } from './dom.ts';

export interface HexDumpOptions {
  readonly kind: PageKind;
  readonly names: readonly [left: string, right: string];
  readonly chosen: ChosenBytes | undefined;
  /** Every row, but for zeros, or those around what differs or is chosen. */
  readonly whole: boolean;
}

/** Two pages, or one, as coloured bytes side by side. */
export function hexDump(left: Buffer, right: Buffer | undefined, options: HexDumpOptions): HTMLElement {
  const { kind, names } = options;
  const sides = [left, right].flatMap((page) =>
    page === undefined ? [] : [{ page, owners: rangeOfEachByte(page, kind) }],
  );
  const shown = options.whole ? wholeRows(left, right) : tellingRows(left, right, options.chosen);
  const body = element('tbody');
  let last = -1;
  for (const row of shown) {
    if (row !== last + 1) body.append(gap(row - last - 1, sides.length));
    body.append(hexRow(row, sides, left, right, options.chosen));
    last = row;
  }
  if (last < rowsOfPage - 1) body.append(gap(rowsOfPage - 1 - last, sides.length));
  return element(
    'div',
    { class: 'scroll hex-scroll', tabindex: 0, role: 'region', 'aria-label': 'Bytes of the page' },
    element(
      'table',
      { class: 'hex' },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ...['byte', ...names.slice(0, sides.length)].map((name) => element('th', { scope: 'col' }, name)),
        ),
      ),
      body,
    ),
  );
}

interface Side {
  readonly page: Buffer;
  readonly owners: readonly ClassedRange[];
}

function gap(rows: number, sides: number): HTMLElement {
  const words = `${count(rows * bytesPerRow)} bytes not shown`;
  return element('tr', { class: 'gap' }, element('td', { colspan: sides + 1 }, words));
}

function hexRow(
  row: number,
  sides: readonly Side[],
  left: Buffer,
  right: Buffer | undefined,
  chosen: ChosenBytes | undefined,
): HTMLElement {
  const start = row * bytesPerRow;
  const tr = element('tr', {}, element('th', { scope: 'row' }, String(start)));
  for (const side of sides) {
    const bytes = element('span', { class: 'bytes' });
    let text = '';
    for (let at = start; at < start + bytesPerRow; at++) {
      const byte = side.page[at] ?? 0;
      const owner = side.owners[at];
      const classes = [
        owner?.class ?? 'content',
        right !== undefined && left[at] !== right[at] ? 'differs' : '',
        chosen !== undefined && at >= chosen.offset && at < chosen.offset + chosen.length ? 'chosen' : '',
      ];
      bytes.append(
        element(
          'span',
          { class: classes.join(' ').trim(), title: owner?.name },
          byte.toString(16).padStart(2, '0'),
        ),
      );
      text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
    }
    tr.append(element('td', {}, bytes, element('span', { class: 'ascii', 'aria-hidden': 'true' }, text)));
  }
  return tr;
}
