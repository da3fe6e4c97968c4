import type { PageDifference } from './diff.ts';
import type { Field } from './field.ts';
import type { KeyColumn } from './key/key-column.ts';
import { keyValues } from './key/key-values.ts';
import { keyValueWords } from './key/key-words.ts';
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

/** The ranges of a difference with values; the fields are those of the expected page, the columns those of an index. */
export function describeRanges(
  expected: Buffer,
  actual: Buffer,
  kind: PageKind,
  difference: PageDifference,
  columns: readonly KeyColumn[] = [],
): readonly DescribedRange[] {
  return difference.ranges.map((range) => {
    const where = fieldAt(expected, kind, range.offset);
    const [expectedValue, actualValue] = [expected, actual].map((page) =>
      where === undefined
        ? null
        : (keyIn(page, kind, where, columns) ?? valueOfField(page, kind, where) ?? null),
    ) as [string | null, string | null];
    return { ...range, expectedValue, actualValue };
  });
}

/** A key by its columns, if the page has it in the same place. */
function keyIn(
  page: Buffer,
  kind: PageKind,
  where: Field,
  columns: readonly KeyColumn[],
): string | undefined {
  if (columns.length === 0) return undefined;
  const own = fieldAt(page, kind, where.offset);
  if (own?.name !== where.name || own.offset !== where.offset || own.length !== where.length)
    return undefined;
  const key = keyValues(page, kind, where, columns);
  return key && keyValueWords(key).join(', ');
}
