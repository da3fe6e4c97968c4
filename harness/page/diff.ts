import { clearHintBits } from './hint-bits.ts';
import { hasSoundBounds, readPageHeader } from './header.ts';
import { hasStorage } from './item.ts';
import type { PageKind } from './kind.ts';
import { layoutOf } from './layout.ts';
import { layouts } from './layouts.ts';
import type { Field } from './field.ts';
import { itemsOf } from './page-items.ts';
import { pageSizeBytes, requirePage } from './page-bytes.ts';

/**
 * How two pages differ, the mildest name that is still true. `-only` allows nothing else but pd_checksum, which follows
 * from the rest; a mixture is `content`. `item-order`: the same items, in another order or at other places.
 */
export type DifferenceClass =
  | 'identical'
  | 'lsn-only'
  | 'checksum-only'
  | 'hint-bits-only'
  | 'free-space-only'
  | 'item-order'
  | 'content';

/** A part of the page in which the two differ. */
export type DifferencePart = 'lsn' | 'checksum' | 'hint-bits' | 'free-space' | 'content';

/** One differing stretch, inside one field of the expected page; the hexadecimal texts are cut after 32 bytes. */
export interface DifferingRange {
  readonly offset: number;
  readonly length: number;
  readonly field: string;
  readonly expected: string;
  readonly actual: string;
}

export interface PageDifference {
  readonly class: DifferenceClass;
  readonly parts: readonly DifferencePart[];
  readonly bytesDiffering: number;
  /** The first ranges in order of offset, at most `maxRanges`. */
  readonly ranges: readonly DifferingRange[];
  readonly rangesTotal: number;
  readonly firstOffset: number | undefined;
}

const shownBytes = 32;
/** A field up to this size is shown whole: half a number explains nothing. */
const wholeFieldBytes = 8;

/**
 * Compares two pages byte for byte, nothing masked, and says where and how they differ, in the fields of the expected
 * page. `identical` means that all 8,192 bytes are equal. Throws `page-size-invalid`.
 */
export function diffPages(expected: Buffer, actual: Buffer, kind: PageKind, maxRanges = 16): PageDifference {
  requirePage(expected);
  requirePage(actual);
  if (expected.equals(actual)) {
    return {
      class: 'identical',
      parts: [],
      bytesDiffering: 0,
      ranges: [],
      rangesTotal: 0,
      firstOffset: undefined,
    };
  }
  let bytesDiffering = 0;
  let firstOffset: number | undefined;
  for (let at = 0; at < pageSizeBytes; at++) {
    if (expected[at] !== actual[at]) {
      bytesDiffering++;
      firstOffset ??= at;
    }
  }
  const ranges = differingRanges(expected, actual, layoutOf(expected, kind));
  const parts = differingParts(expected, actual, kind);
  return {
    class: classOf(parts, expected, actual, kind),
    parts,
    bytesDiffering,
    ranges: ranges.slice(0, maxRanges),
    rangesTotal: ranges.length,
    firstOffset,
  };
}

function differingRanges(
  expected: Buffer,
  actual: Buffer,
  fields: readonly Field[],
): readonly DifferingRange[] {
  const ranges: DifferingRange[] = [];
  for (const field of fields) {
    const end = field.offset + field.length;
    if (expected.compare(actual, field.offset, end, field.offset, end) === 0) {
      continue;
    }
    let first = field.offset;
    let last = end - 1;
    if (field.length > wholeFieldBytes) {
      while (expected[first] === actual[first]) first++;
      while (expected[last] === actual[last]) last--;
    }
    ranges.push({
      offset: first,
      length: last + 1 - first,
      field: field.name,
      expected: hex(expected, first, last + 1),
      actual: hex(actual, first, last + 1),
    });
  }
  return ranges;
}

function hex(page: Buffer, start: number, end: number): string {
  const text = page.toString('hex', start, Math.min(end, start + shownBytes));
  return end - start > shownBytes ? `${text}...` : text;
}

/** Takes one part after the other out of two copies and looks whether they come closer. */
function differingParts(expected: Buffer, actual: Buffer, kind: PageKind): readonly DifferencePart[] {
  const parts: DifferencePart[] = [];
  const left = Buffer.from(expected);
  const right = Buffer.from(actual);
  const level = (part: DifferencePart, start: number, end: number): void => {
    if (left.compare(right, start, end, start, end) !== 0) {
      parts.push(part);
      left.copy(right, start, start, end);
    }
  };
  level('lsn', 0, 8);
  level('checksum', 8, 10);
  if (left.equals(right)) {
    return parts;
  }
  const header = readPageHeader(left);
  const other = readPageHeader(right);
  const sameBounds =
    header.lower === other.lower && header.upper === other.upper && header.special === other.special;
  if (
    sameBounds &&
    hasSoundBounds(header) &&
    layouts[kind].hasFreeSpace(left, header) &&
    layouts[kind].hasFreeSpace(right, header)
  ) {
    level('free-space', header.lower, header.upper);
  }
  const before = countDifferences(left, right);
  clearHintBits(left, kind);
  clearHintBits(right, kind);
  const after = countDifferences(left, right);
  if (after < before) {
    parts.push('hint-bits');
  }
  if (after > 0) {
    parts.push('content');
  }
  return parts;
}

function countDifferences(left: Buffer, right: Buffer): number {
  let count = 0;
  for (let at = 0; at < pageSizeBytes; at++) {
    if (left[at] !== right[at]) count++;
  }
  return count;
}

function classOf(
  parts: readonly DifferencePart[],
  expected: Buffer,
  actual: Buffer,
  kind: PageKind,
): DifferenceClass {
  const [part, ...more] = parts.filter((one) => one !== 'checksum');
  if (part === undefined) {
    return 'checksum-only';
  }
  if (more.length > 0) {
    return 'content';
  }
  switch (part) {
    case 'lsn':
      return 'lsn-only';
    case 'hint-bits':
      return 'hint-bits-only';
    case 'free-space':
      return 'free-space-only';
    case 'content':
      return differsInOrderOnly(expected, actual, kind) ? 'item-order' : 'content';
  }
}

/** The header (line pointers apart), the special space and the items themselves are the same, only their order or place is not. */
function differsInOrderOnly(expected: Buffer, actual: Buffer, kind: PageKind): boolean {
  const header = readPageHeader(expected);
  const sameFrame =
    expected.compare(actual, 10, 24, 10, 24) === 0 &&
    hasSoundBounds(header) &&
    expected.compare(actual, header.special, pageSizeBytes, header.special, pageSizeBytes) === 0;
  if (!sameFrame) {
    return false;
  }
  const left = itemTexts(expected, kind);
  const right = itemTexts(actual, kind);
  const moved = left.some(
    (item, index) => item.place !== right[index]?.place || item.body !== right[index]?.body,
  );
  return moved && sortedBodies(left) === sortedBodies(right);
}

interface ItemText {
  readonly place: number;
  readonly body: string;
}

function itemTexts(page: Buffer, kind: PageKind): readonly ItemText[] {
  return itemsOf(page, readPageHeader(page), kind).map((item) => ({
    place: item.offset,
    body: hasStorage(item)
      ? `${item.state} ${page.toString('hex', item.offset, item.offset + item.length)}`
      : `${item.state} ${item.length} to ${item.offset}`,
  }));
}

function sortedBodies(items: readonly ItemText[]): string {
  return items
    .map((item) => item.body)
    .toSorted((left, right) => (left < right ? -1 : Number(left > right)))
    .join();
}
