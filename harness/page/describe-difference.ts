import type { PageDifference } from './diff.ts';
import { field as fieldAt } from './layout.ts';
import { valueOfField } from './field-values.ts';
import type { PageKind } from './kind.ts';

/** One differing stretch of two pages, with the values of the field that it lies in where they can be said. */
export interface DescribedRange {
  readonly offset: number;
  readonly length: number;
  readonly field: string;
  /** In hexadecimal, cut after 32 bytes. */
  readonly expected: string;
  readonly actual: string;
  readonly expectedValue: string | null;
  readonly actualValue: string | null;
}

/** The ranges of a difference with values; the fields are those of the expected page. */
export function describeRanges(
  expected: Buffer,
  actual: Buffer,
  kind: PageKind,
  difference: PageDifference,
): readonly DescribedRange[] {
  return difference.ranges.map((range) => {
    const where = fieldAt(expected, kind, range.offset);
    const [expectedValue, actualValue] = [expected, actual].map((page) =>
      where === undefined ? null : (valueOfField(page, kind, where) ?? null),
    ) as [string | null, string | null];
    return { ...range, expectedValue, actualValue };
  });
}
