import { comparePages } from '../../page/compare.ts';
import { guessPageKind, type PageKind } from '../../page/kind.ts';
import { pageSizeBytes } from '../../page/page-bytes.ts';
import { formatPageKey } from '../../redo/page-key.ts';
import type { Tape } from '../../redo/tape/tape.ts';
import { PageFile } from './page-file.ts';

/** Two pages that should be one, and differ. */
export interface DifferingPair {
  readonly name: string;
  readonly kind: PageKind;
  readonly expected: Buffer;
  readonly actual: Buffer;
}

/** How many pages were looked at, besides those handed on as differing. */
export interface PairCounts {
  readonly compared: number;
  /** Pages that only the first side has, and only the second. */
  readonly missing: number;
  readonly extra: number;
  /** Pages of a tape for which it has no oracle. */
  readonly notCompared: number;
}

/** Pages by position: a page file, or the oracle of a tape, whose requests name the pages. */
export class PagePositions implements Disposable {
  readonly file: PageFile;
  readonly #tape: Tape | undefined;

  constructor(source: string | Tape) {
    this.#tape = typeof source === 'string' ? undefined : source;
    this.file = PageFile.open(typeof source === 'string' ? source : source.oraclePath);
  }

  hasName(position: number): boolean {
    return this.#tape !== undefined && position < this.#tape.index.length;
  }

  name(position: number): string {
    if (this.#tape === undefined) return `block ${position}`;
    return `${this.#tape.nameOf(this.#tape.index.at(position).key)} (request ${position})`;
  }

  /** False where a tape does not know what the page must be. */
  isKnown(position: number): boolean {
    return this.#tape === undefined || this.#tape.index.oracle(position) !== 'none';
  }

  kind(position: number, page: Buffer): PageKind {
    if (this.#tape === undefined) return guessPageKind(page);
    return this.#tape.pageKindOf(this.#tape.index.at(position).key, page);
  }

  [Symbol.dispose](): void {
    this.file[Symbol.dispose]();
  }
}

const chunkPages = 512;

/** Compares two sets of pages position by position, in pieces of 4 MiB, and hands on each pair that differs. */
export function compareByPosition(
  expected: PagePositions,
  actual: PagePositions,
  onPair: (pair: DifferingPair) => void,
): PairCounts {
  const common = Math.min(expected.file.pages, actual.file.pages);
  const isKnown = (position: number): boolean => expected.isKnown(position) && actual.isKnown(position);
  const [left, right] = [0, 1].map(() => Buffer.allocUnsafe(chunkPages * pageSizeBytes)) as [Buffer, Buffer];
  let compared = 0;
  for (let first = 0; first < common; first += chunkPages) {
    const count = Math.min(chunkPages, common - first);
    for (let position = first; position < first + count; position++) if (isKnown(position)) compared++;
    const [these, those] = [expected.file.read(first, count, left), actual.file.read(first, count, right)];
    comparePages(these, those, (index) => {
      const position = first + index;
      if (!isKnown(position)) return;
      const at = index * pageSizeBytes;
      onPair(
        pairAt(
          expected,
          actual,
          position,
          these.subarray(at, at + pageSizeBytes),
          those.subarray(at, at + pageSizeBytes),
        ),
      );
    });
  }
  return {
    compared,
    missing: expected.file.pages - common,
    extra: actual.file.pages - common,
    notCompared: common - compared,
  };
}

/** One pair by its position, equal or not; throws `block-missing` (usage). */
export function pairOf(expected: PagePositions, actual: PagePositions, position: number): DifferingPair {
  return pairAt(expected, actual, position, expected.file.page(position), actual.file.page(position));
}

function pairAt(
  expected: PagePositions,
  actual: PagePositions,
  position: number,
  expectedPage: Buffer,
  actualPage: Buffer,
): DifferingPair {
  const named = expected.hasName(position) || !actual.hasName(position) ? expected : actual;
  const guess = named.kind(position, expectedPage);
  const kind = guess === 'other' ? named.kind(position, actualPage) : guess;
  return { name: named.name(position), kind, expected: expectedPage, actual: actualPage };
}

/** Compares the oracles of two tapes page by page, wherever in the tape a page is, and hands on each pair that differs. */
export function compareTapes(
  expected: Tape,
  actual: Tape,
  onPair: (pair: DifferingPair) => void,
): PairCounts {
  using expectedPages = new PagePositions(expected);
  using actualPages = new PagePositions(actual);
  const positions = requestsByPage(actual);
  let compared = 0;
  let missing = 0;
  let notCompared = 0;
  for (const [page, position] of requestsByPage(expected)) {
    const other = positions.get(page);
    positions.delete(page);
    if (other === undefined) {
      missing++;
    } else if (expectedPages.isKnown(position) && actualPages.isKnown(other)) {
      compared++;
      const [left, right] = [expectedPages.file.page(position), actualPages.file.page(other)];
      if (!left.equals(right)) {
        const kind = expectedPages.kind(position, left);
        onPair({ name: expectedPages.name(position), kind, expected: left, actual: right });
      }
    } else {
      notCompared++;
    }
  }
  return { compared, missing, extra: positions.size, notCompared };
}

/** Requests by their page; a page that a tape asks for again, later in the WAL, is counted from the first. */
function requestsByPage(tape: Tape): Map<string, number> {
  const times = new Map<string, number>();
  const positions = new Map<string, number>();
  for (const { key, number } of tape.index) {
    const page = formatPageKey(key);
    const time = times.get(page) ?? 0;
    times.set(page, time + 1);
    positions.set(`${page} ${time}`, number);
  }
  return positions;
}
