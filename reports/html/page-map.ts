import type { PageKind } from '../../harness/page/kind.ts';
import {
  byteClasses,
  classedRanges,
  differingRanges,
  type ByteClass,
  type ClassedRange,
} from '../../harness/page/byte-classes.ts';
import { element } from './dom.ts';

const namespace = 'http://www.w3.org/2000/svg';
const bytesPerRow = 1024;
const rowHeight = 34;
const rowGap = 4;
const pageSizeBytes = 8192;
/** A differing byte must be seen: it is drawn at least so wide. */
const leastMark = 5;

/** A page drawn to scale, eight rows of 1,024 bytes; differing bytes are marked. A click tells where it was. */
export function pageMap(
  title: string,
  page: Buffer,
  other: Buffer | undefined,
  kind: PageKind,
  onPick: (range: ClassedRange) => void,
): HTMLElement {
  const ranges = classedRanges(page, kind);
  const height = (pageSizeBytes / bytesPerRow) * (rowHeight + rowGap);
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', `0 0 ${String(bytesPerRow)} ${String(height)}`);
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', `${title}: ${inWords(ranges)}`);
  for (const range of ranges) {
    for (const rect of rectangles(range.offset, range.offset + range.length, `region ${range.class}`)) {
      const tip = document.createElementNS(namespace, 'title');
      tip.textContent = `${range.name}: byte ${String(range.offset)}, ${String(range.length)} long`;
      rect.append(tip);
      rect.addEventListener('click', () => {
        onPick(range);
      });
      svg.append(rect);
    }
  }
  for (const [start, end] of other === undefined ? [] : differingRanges(page, other))
    svg.append(...rectangles(start, Math.max(end, start + leastMark), 'differs'));
  return element('figure', { class: 'map' }, element('figcaption', {}, title), svg as unknown as Node);
}

/** The colours in words. */
export function legend(): HTMLElement {
  return element(
    'ul',
    { class: 'legend' },
    ...Object.entries(byteClasses).map(([name, words]) =>
      element('li', {}, element('span', { class: `swatch ${name}`, 'aria-hidden': 'true' }), words),
    ),
    element('li', {}, element('span', { class: 'swatch differs', 'aria-hidden': 'true' }), 'differs'),
  );
}

function rectangles(start: number, end: number, className: string): readonly SVGRectElement[] {
  const made: SVGRectElement[] = [];
  for (let at = start; at < end; at = (Math.floor(at / bytesPerRow) + 1) * bytesPerRow) {
    const row = Math.floor(at / bytesPerRow);
    const until = Math.min(end, (row + 1) * bytesPerRow);
    const rect = document.createElementNS(namespace, 'rect');
    rect.setAttribute('x', String(at - row * bytesPerRow));
    rect.setAttribute('y', String(row * (rowHeight + rowGap)));
    rect.setAttribute('width', String(until - at));
    rect.setAttribute('height', String(rowHeight));
    rect.setAttribute('class', className);
    made.push(rect);
  }
  return made;
}

function inWords(ranges: readonly ClassedRange[]): string {
  const sizes = new Map<ByteClass, number>();
  for (const range of ranges) sizes.set(range.class, (sizes.get(range.class) ?? 0) + range.length);
  return [...sizes].map(([name, bytes]) => `${byteClasses[name]} ${String(bytes)} bytes`).join(', ');
}
