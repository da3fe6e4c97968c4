import { explainPage, type ExplainedField } from '../../harness/page/explain.ts';
import type { KeyColumn } from '../../harness/page/key/key-column.ts';
import type { PageKind } from '../../harness/page/kind.ts';

/** A field of two pages side by side; a side that lacks it is undefined. */
export interface FieldRow {
  /** `header`, `item 3`, `between`, `special space`. */
  readonly part: string;
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  /** Where the sides first differ, or where the field begins. */
  readonly firstByte: number;
  readonly left: ExplainedField | undefined;
  readonly right: ExplainedField | undefined;
  readonly differs: boolean;
}

/** The fields of two pages, matched by what they are and not by where they lie; those that differ are marked. */
export function fieldRows(
  left: Buffer,
  right: Buffer | undefined,
  kind: PageKind,
  columns?: readonly KeyColumn[],
): readonly FieldRow[] {
  const own = fieldsOf(left, kind, columns);
  const other = right === undefined ? undefined : fieldsOf(right, kind, columns);
  const keys = [...new Set([...own.keys(), ...(other?.keys() ?? [])])];
  const rows = keys.map((key): FieldRow => {
    const [one, two] = [own.get(key), other?.get(key)];
    const field = one ?? two;
    const [part = '', name = ''] = key.split('\n');
    const differs = other !== undefined && one?.bytes !== two?.bytes;
    return {
      part,
      name,
      offset: field?.offset ?? 0,
      length: field?.length ?? 0,
      firstByte: (field?.offset ?? 0) + (differs ? firstDifference(one, two) : 0),
      left: one,
      right: two,
      differs,
    };
  });
  // Parts in the order of the page's own text: a field that the left side lacks stands with its item.
  const parts = [...new Set(rows.map(({ part }) => part))];
  return rows.toSorted((one, two) => parts.indexOf(one.part) - parts.indexOf(two.part));
}

/** How many bytes two fields have in common from their beginning. */
function firstDifference(left: ExplainedField | undefined, right: ExplainedField | undefined): number {
  if (left === undefined || right === undefined) return 0;
  let at = 0;
  while (at < left.bytes.length && left.bytes[at] === right.bytes[at]) at++;
  return Math.floor(at / 2);
}

function fieldsOf(
  page: Buffer,
  kind: PageKind,
  columns: readonly KeyColumn[] | undefined,
): ReadonlyMap<string, ExplainedField> {
  const explained = explainPage(page, kind, columns);
  const fields = new Map<string, ExplainedField>();
  const add = (part: string, own: readonly ExplainedField[]): void => {
    for (const field of own) {
      // A page that has a label twice keeps both apart by their place.
      const key = `${part}\n${field.name}`;
      fields.set(fields.has(key) ? `${key} at ${String(field.offset)}` : key, field);
    }
  };
  add('header', explained.header);
  for (const { number, fields: own } of explained.items) add(`item ${String(number)}`, own);
  add('between', explained.content);
  add('special space', explained.special);
  return fields;
}
