import type { DescribedRange } from '../../page/describe-difference.ts';

const columns = 108;

/** A stretch in which two pages differ, in lines of at most 108 columns; `names` are those of the two sides, of equal width. */
export function rangeLines(
  { offset, field, expected, actual, expectedValue, actualValue }: DescribedRange,
  names: readonly [string, string] = ['expected', 'actual  '],
): readonly string[] {
  return [
    `  byte ${offset}: ${field}`,
    `    ${names[0]}  ${expected}${valueWords(expectedValue)}`,
    `    ${names[1]}  ${actual}${valueWords(actualValue)}`,
  ].map((line) => (line.length <= columns ? line : `${line.slice(0, columns - 2)}..`));
}

function valueWords(value: string | null): string {
  return value === null ? '' : `  ${value}`;
}
