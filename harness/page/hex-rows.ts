/** Bytes of a page in one row of a dump. */
export const bytesPerRow = 16;
export const rowsOfPage = 8192 / bytesPerRow;

/** Rows shown around each that differs or is chosen. */
const contextRows = 2;
/** Rows of zeros on both sides beyond this many in a row are folded. */
const foldedRows = 3;
/** Rows of a chosen range that are shown, and of two equal pages. */
const leastRows = 8;

/** A range of bytes that a reader has chosen. */
export interface ChosenBytes {
  readonly offset: number;
  readonly length: number;
}

/** The rows around what differs or is chosen, in order; the first ones where nothing does. */
export function tellingRows(
  left: Buffer,
  right: Buffer | undefined,
  chosen: ChosenBytes | undefined,
): readonly number[] {
  const wanted = new Set<number>();
  const want = (row: number): void => {
    for (let near = row - contextRows; near <= row + contextRows; near++)
      if (near >= 0 && near < rowsOfPage) wanted.add(near);
  };
  for (let row = 0; row < rowsOfPage; row++)
    if (right !== undefined && !isSameRow(left, right, row)) want(row);
  if (chosen !== undefined) {
    const first = Math.floor(chosen.offset / bytesPerRow);
    const end = Math.ceil((chosen.offset + Math.max(1, chosen.length)) / bytesPerRow);
    for (let row = first; row < Math.min(end, first + leastRows); row++) want(row);
  }
  if (wanted.size === 0) for (let row = 0; row < leastRows; row++) wanted.add(row);
  return [...wanted].toSorted((one, other) => one - other);
}

/** Every row but those in the midst of many that are zeros on both sides, in order. */
export function wholeRows(left: Buffer, right: Buffer | undefined): readonly number[] {
  const rows = Array.from({ length: rowsOfPage }, (_, row) => row);
  const isEmpty = (row: number): boolean => isZero(left, row) && (right === undefined || isZero(right, row));
  const near = (row: number): boolean =>
    [row - foldedRows, row + foldedRows].every((each) => each < 0 || each >= rowsOfPage || isEmpty(each));
  return rows.filter((row) => !isEmpty(row) || !near(row));
}

function isZero(page: Buffer, row: number): boolean {
  return page.subarray(row * bytesPerRow, (row + 1) * bytesPerRow).every((byte) => byte === 0);
}

function isSameRow(left: Buffer, right: Buffer, row: number): boolean {
  const [start, end] = [row * bytesPerRow, (row + 1) * bytesPerRow];
  return left.compare(right, start, end, start, end) === 0;
}
