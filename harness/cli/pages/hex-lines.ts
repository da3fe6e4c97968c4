import { byteClasses, rangeOfEachByte, type ByteClass, type ClassedRange } from '../../page/byte-classes.ts';
import { bytesPerRow, rowsOfPage, tellingRows, wholeRows } from '../../page/hex-rows.ts';
import type { PageKind } from '../../page/kind.ts';
import { pageSizeBytes } from '../../page/page-bytes.ts';
import type { BytePaint } from './byte-paint.ts';

/** A page to dump with its name; undefined for one that there is not. */
export interface HexSide {
  readonly name: string;
  readonly page: Buffer | undefined;
}

export interface HexOptions {
  readonly paint: BytePaint;
  /** Every row of two pages, too, not only those around what differs. */
  readonly all: boolean;
}

/** The letter of each class in the map. */
const letters: Readonly<Record<ByteClass, string>> = {
  header: 'H',
  pointer: 'p',
  tuple: 't',
  data: 'd',
  content: 'c',
  free: '.',
  special: 'S',
};
const bytesPerLetter = 16;
const lettersPerRow = 32;
const offsetColumn = 8;
const columns = 108;
const hexWidth = 3 * bytesPerRow;

/**
 * A map of one page or two, a letter for 16 bytes, and their bytes in rows of 16 under PostgreSQL's names of the fields that
 * begin there; none where there is no page. Bytes that differ are marked by `>`, letters by `#`, fields by `*`: nothing is told by colour alone.
 */
export function hexLines(
  kind: PageKind,
  given: readonly HexSide[],
  { paint, all }: HexOptions,
): readonly string[] {
  const sides = given.flatMap(({ name, page }) =>
    page === undefined ? [] : [{ name, page, owners: rangeOfEachByte(page, kind) }],
  );
  const [left, right] = sides;
  if (left === undefined) return [];
  const differs = (at: number): boolean => right !== undefined && left.page[at] !== right.page[at];
  const rows =
    right === undefined || all
      ? wholeRows(left.page, right?.page)
      : tellingRows(left.page, right.page, undefined);
  return [
    ...mapLines(sides, differs, paint),
    '',
    ...headingLines(sides),
    ...rows.flatMap((row, index) => {
      const before = rows[index - 1] ?? -1;
      const skipped = row - before - 1;
      return [
        ...(skipped > 0 ? [gapLine(skipped)] : []),
        ...nameLines(left, row, skipped > 0 || index === 0, differs, paint),
        rowLine(sides, row, differs, paint),
      ];
    }),
    ...gapAtEnd(rows.at(-1) ?? -1),
  ];
}

interface Side {
  readonly name: string;
  readonly page: Buffer;
  /** The range of every byte. */
  readonly owners: readonly ClassedRange[];
}

function mapLines(
  sides: readonly Side[],
  differs: (at: number) => boolean,
  paint: BytePaint,
): readonly string[] {
  const legend = Object.entries(byteClasses).map(([name, words]) => {
    const one = name as ByteClass;
    return `${paint.class(one, letters[one])} ${words}`;
  });
  if (sides.length > 1) legend.push(`${paint.differs('#')} differs`);
  const bytesPerLine = bytesPerLetter * lettersPerRow;
  const lines = Array.from({ length: pageSizeBytes / bytesPerLine }, (_, row) => {
    const maps = sides.map(({ owners }) =>
      Array.from({ length: lettersPerRow }, (_unused, column) => {
        const start = row * bytesPerLine + column * bytesPerLetter;
        const at = Array.from({ length: bytesPerLetter }, (_each, index) => start + index);
        if (at.some((each) => differs(each))) return paint.differs('#');
        // What is not free space must be seen, be it ever so small.
        const first = at.map((each) => owners[each]?.class).find((one) => one !== 'free') ?? 'free';
        return paint.class(first, letters[first]);
      }).join(''),
    );
    return `${offsetOf(row * bytesPerLine)}${maps.join('   ')}`;
  });
  return [legend.slice(0, 4).join('  '), legend.slice(4).join('  '), ...lines];
}

function headingLines(sides: readonly Side[]): readonly string[] {
  return [
    `${'byte'.padStart(offsetColumn - 2)}  ${sides.map(({ name }) => name.padEnd(hexWidth + 1)).join('')}`.trimEnd(),
  ];
}

/** The fields that begin in a row, and the one that it begins within where no row before it said so. */
function nameLines(
  { owners }: Side,
  row: number,
  isFirst: boolean,
  differs: (at: number) => boolean,
  paint: BytePaint,
): readonly string[] {
  const start = row * bytesPerRow;
  const begun = owners.slice(start, start + bytesPerRow);
  const ranges = [...new Set(begun)].filter((range) => range.offset >= start || isFirst);
  const words = ranges.map((range) => {
    const isOther = Array.from({ length: range.length }, (_, index) => range.offset + index).some(differs);
    const text = `${isOther ? '*' : ''}${range.name}`;
    return { text, shown: isOther ? paint.differs(text) : paint.class(range.class, text) };
  });
  const lines: string[] = [];
  let width = columns;
  for (const { text, shown } of words) {
    if (width + 2 + text.length > columns) {
      lines.push(`${' '.repeat(offsetColumn)}${shown}`);
      width = offsetColumn + text.length;
    } else {
      lines[lines.length - 1] += `, ${shown}`;
      width += 2 + text.length;
    }
  }
  return lines;
}

function rowLine(
  sides: readonly Side[],
  row: number,
  differs: (at: number) => boolean,
  paint: BytePaint,
): string {
  const start = row * bytesPerRow;
  const offsets = Array.from({ length: bytesPerRow }, (_, index) => start + index);
  const dumps = sides.map(({ page, owners }) =>
    offsets
      .map((at) => {
        const hex = (page[at] ?? 0).toString(16).padStart(2, '0');
        return differs(at)
          ? paint.differs(`>${hex}`)
          : ` ${paint.class(owners[at]?.class ?? 'content', hex)}`;
      })
      .join(''),
  );
  const ascii = sides.length > 1 ? '' : `  ${textOf(sides[0]?.page.subarray(start, start + bytesPerRow))}`;
  return `${offsetOf(start).slice(0, -1)}${dumps.join(' ')}${ascii}`;
}

function textOf(bytes: Buffer | undefined): string {
  return [...(bytes ?? [])]
    .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
    .join('');
}

function offsetOf(offset: number): string {
  return `${String(offset).padStart(offsetColumn - 2)}  `;
}

function gapLine(rows: number): string {
  return `${' '.repeat(offsetColumn)}... ${String(rows * bytesPerRow)} bytes not shown`;
}

function gapAtEnd(last: number): readonly string[] {
  return last < rowsOfPage - 1 ? [gapLine(rowsOfPage - 1 - last)] : [];
}
