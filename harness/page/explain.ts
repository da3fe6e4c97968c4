import type { Field } from './field.ts';
import type { KeyColumn } from './key/key-column.ts';
import { keyValues, type KeyValue } from './key/key-values.ts';
import { keyValueWords } from './key/key-words.ts';
import { valueOfField } from './field-values.ts';
import { isNewPage, pageHeaderSizeBytes, readPageHeader } from './header.ts';
import type { ItemState } from './item.ts';
import type { PageKind } from './kind.ts';
import { layoutOf } from './layout.ts';
import { itemsOf } from './page-items.ts';

/** A field of a page with its bytes, and what they mean where that can be said. */
export interface ExplainedField {
  readonly offset: number;
  readonly length: number;
  readonly name: string;
  /** All of them, in hexadecimal. */
  readonly bytes: string;
  readonly value: string | null;
  /** Of the key of an index tuple whose columns are known. */
  readonly key?: readonly KeyValue[];
}

/** A line pointer and the tuple that it points at; the names of the fields leave out `of item N`. */
export interface ExplainedItem {
  readonly number: number;
  readonly state: ItemState;
  /** lp_off and lp_len. */
  readonly offset: number;
  readonly length: number;
  readonly fields: readonly ExplainedField[];
}

/** A page taken apart; each byte of it is in one field. */
export interface ExplainedPage {
  readonly kind: PageKind;
  /** Never initialised: nothing behind the header means anything. */
  readonly isNew: boolean;
  readonly header: readonly ExplainedField[];
  readonly items: readonly ExplainedItem[];
  /** What is neither header nor item nor special space: free space, and the content of pages that have no items. */
  readonly content: readonly ExplainedField[];
  readonly special: readonly ExplainedField[];
}

const itemSuffix = / (?:of|after) item (\d+)( \(high key\))?$/;

/**
 * Takes a page apart into fields with their values; any bytes will do. The columns are those of an index, where they are
 * known. Throws `page-size-invalid`.
 */
export function explainPage(page: Buffer, kind: PageKind, columns: readonly KeyColumn[] = []): ExplainedPage {
  const header = readPageHeader(page);
  const isNew = isNewPage(page);
  const inHeader: ExplainedField[] = [];
  const ofItems = new Map<number, ExplainedField[]>();
  const content: ExplainedField[] = [];
  const special: ExplainedField[] = [];
  const explain = (field: Field, name: string): ExplainedField =>
    explainField(page, kind, columns, field, name);
  for (const field of layoutOf(page, kind)) {
    const suffix = itemSuffix.exec(field.name);
    if (suffix !== null) {
      const number = Number(suffix[1]);
      const fields = ofItems.get(number) ?? [];
      fields.push(explain(field, field.name.slice(0, suffix.index) + (suffix[2] ?? '')));
      ofItems.set(number, fields);
    } else if (field.offset < pageHeaderSizeBytes) {
      inHeader.push(explain(field, field.name));
    } else {
      const section = !isNew && field.offset >= header.special ? special : content;
      section.push(explain(field, field.name));
    }
  }
  const items = itemsOf(page, header, kind).map(({ number, state, offset, length }) => {
    return { number, state, offset, length, fields: ofItems.get(number) ?? [] };
  });
  return { kind, isNew, header: inHeader, items, content, special };
}

function explainField(
  page: Buffer,
  kind: PageKind,
  columns: readonly KeyColumn[],
  field: Field,
  name: string,
): ExplainedField {
  const { offset, length } = field;
  const bytes = page.toString('hex', offset, offset + length);
  const key = keyValues(page, kind, field, columns);
  if (key !== undefined) return { offset, length, name, bytes, value: keyValueWords(key).join(', '), key };
  return { offset, length, name, bytes, value: valueOfField(page, kind, field) ?? null };
}
