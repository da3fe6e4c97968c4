import { pageHeaderSizeBytes } from './header.ts';
import type { PageKind } from './kind.ts';
import { layoutOf } from './layout.ts';

/** What a range of a page is, coarsely: it has a colour, and a word in the legend. */
export type ByteClass = 'header' | 'pointer' | 'tuple' | 'data' | 'content' | 'free' | 'special';

/** The classes in the order of the legend. */
export const byteClasses: Readonly<Record<ByteClass, string>> = {
  header: 'page header',
  pointer: 'line pointers',
  tuple: 'tuple headers',
  data: 'keys and data',
  content: 'other content',
  free: 'free space',
  special: 'special space',
};

/** A labelled range of a page with its class. */
export interface ClassedRange {
  readonly offset: number;
  readonly length: number;
  readonly name: string;
  readonly class: ByteClass;
}

const dataName = /^(data|key|values|datum|prefix|label|rest|posting|heap TID|bytes)\b/;

/** Every byte of a page in labelled ranges, in order. */
export function classedRanges(page: Buffer, kind: PageKind): readonly ClassedRange[] {
  const special = page.readUInt16LE(16);
  return layoutOf(page, kind).map(({ offset, length, name }) => ({
    offset,
    length,
    name,
    class: classOf(name, offset, special),
  }));
}

/** The labelled range that each byte of a page lies in. */
export function rangeOfEachByte(page: Buffer, kind: PageKind): readonly ClassedRange[] {
  return classedRanges(page, kind).flatMap((range) => Array.from({ length: range.length }, () => range));
}

function classOf(name: string, offset: number, special: number): ByteClass {
  if (offset < pageHeaderSizeBytes) return 'header';
  if (name.startsWith('pd_linp')) return 'pointer';
  if (name === 'free space' || name === 'new page') return 'free';
  if (special >= pageHeaderSizeBytes && offset >= special) return 'special';
  if (!/ item \d+/.test(name)) return 'content';
  return dataName.test(name) ? 'data' : 'tuple';
}

/** The positions at which two pages differ, as ranges: half open, in order. */
export function differingRanges(
  left: Buffer,
  right: Buffer,
): readonly (readonly [start: number, end: number])[] {
  const ranges: [number, number][] = [];
  for (let at = 0; at < left.length; at++) {
    if (left[at] === right[at]) continue;
    const last = ranges.at(-1);
    if (last?.[1] === at) last[1] = at + 1;
    else ranges.push([at, at + 1]);
  }
  return ranges;
}
