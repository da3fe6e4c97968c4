import { createTwoFilesPatch } from 'diff';

import { describeRanges, type DescribedRange } from '../../page/describe-difference.ts';
import { diffPages, type DifferenceClass } from '../../page/diff.ts';
import { explainPage } from '../../page/explain.ts';
import { explainedLines } from '../../page/explain-text.ts';
import type { PageKind } from '../../page/kind.ts';
import type { BytePaint } from './byte-paint.ts';
import { hexLines } from './hex-lines.ts';
import type { DifferingPair } from './page-pairs.ts';

/** A page that differs, taken apart. */
export interface DescribedPair {
  readonly page: string;
  readonly kind: PageKind;
  readonly class: DifferenceClass;
  readonly parts: readonly string[];
  readonly bytesDiffering: number;
  readonly rangesTotal: number;
  readonly ranges: readonly DescribedRange[];
  /** A unified diff of the two explained texts, null when they are too unlike for one; left out unless asked for. */
  readonly text?: string | null;
  /** Map and bytes of both pages as lines; left out unless asked for. */
  readonly hex?: readonly string[];
}

export interface TallyOptions {
  readonly kind: PageKind | undefined;
  /** Pages to describe; the others are only counted. */
  readonly most: number;
  readonly text: boolean;
  /** How to colour the bytes of both pages; undefined leaves them out. */
  readonly hex: BytePaint | undefined;
}

/** Beyond so many edits two texts have nothing in common, and finding that out takes seconds. */
const maxEditLength = 2000;

/** Sorts differing pages into classes and describes the first of them. */
export class DiffTally {
  readonly described: DescribedPair[] = [];
  readonly #classes = new Map<DifferenceClass, number>();
  readonly #options: TallyOptions;

  constructor(options: TallyOptions) {
    this.#options = options;
  }

  /** The two pages are looked at now and not kept. */
  add({ name, kind: guessed, expected, actual }: DifferingPair): void {
    const { kind = guessed, most, text, hex } = this.#options;
    const difference = diffPages(expected, actual, kind);
    this.#classes.set(difference.class, this.count(difference.class) + 1);
    if (difference.class === 'identical' || this.described.length >= most) return;
    this.described.push({
      page: name,
      kind,
      class: difference.class,
      parts: difference.parts,
      bytesDiffering: difference.bytesDiffering,
      rangesTotal: difference.rangesTotal,
      ranges: describeRanges(expected, actual, kind, difference),
      ...(text ? { text: unifiedDiff(expected, actual, kind) } : {}),
      ...(hex === undefined ? {} : { hex: bytesOf(expected, actual, kind, hex) }),
    });
  }

  count(one: DifferenceClass): number {
    return this.#classes.get(one) ?? 0;
  }

  get different(): number {
    return this.#classes.values().reduce((sum, count) => sum + count, 0) - this.count('identical');
  }
}

function bytesOf(expected: Buffer, actual: Buffer, kind: PageKind, paint: BytePaint): readonly string[] {
  const sides = [
    { name: 'expected', page: expected },
    { name: 'actual', page: actual },
  ];
  return hexLines(kind, sides, { paint, all: false });
}

function unifiedDiff(expected: Buffer, actual: Buffer, kind: PageKind): string | null {
  const [left, right] = [expected, actual].map((page) =>
    explainedLines(explainPage(page, kind), { all: true })
      .map((line) => `${line}\n`)
      .join(''),
  ) as [string, string];
  const options = { context: 2, maxEditLength };
  const patch = createTwoFilesPatch('expected', 'actual', left, right, undefined, undefined, options);
  // The rule above the names only parts one file from the next.
  return patch?.replace(/^=+\n/, '') ?? null;
}
