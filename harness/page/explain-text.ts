import { keyValueWords } from './key/key-words.ts';
import type { ExplainedField, ExplainedItem, ExplainedPage } from './explain.ts';

/** How much of a page the text shows. */
export interface ExplainedTextOptions {
  /** Show everything; otherwise the first items and fields, and no runs of zeros. */
  readonly all: boolean;
}

const shownItems = 12;
const shownContentFields = 40;
const columns = 108;
const nameColumn = 14;
const bytesColumn = 48;
const valueColumn = 66;
/** Lines of code points shown of one key. */
const shownCodePointLines = 3;
/** Bytes shown of one field. */
const shownBytes = 8;

/** An explained page as lines of at most 108 columns: byte, size, name, bytes, value. */
export function explainedLines(page: ExplainedPage, { all }: ExplainedTextOptions): readonly string[] {
  const lines = [`${page.kind} page${page.isNew ? ', new: never initialised' : ''}`, heading()];
  lines.push('header', ...page.header.flatMap(fieldLines));
  if (page.items.length > 0) {
    const items = all ? page.items : page.items.slice(0, shownItems);
    lines.push(`items: ${page.items.length}`, ...items.flatMap(itemLines));
    if (items.length < page.items.length) {
      lines.push(`  ... ${page.items.length - items.length} more items; --all shows them`);
    }
  }
  if (page.content.length > 0) {
    lines.push(page.items.length > 0 ? 'between' : 'content', ...contentLines(page.content, all));
  }
  if (page.special.length > 0) {
    lines.push('special space', ...page.special.flatMap(fieldLines));
  }
  return lines;
}

function heading(): string {
  const names = `${'  byte  size'.padEnd(nameColumn)}field`.padEnd(bytesColumn);
  return `${`${names}bytes`.padEnd(valueColumn)}value`;
}

function itemLines({ number, state, offset, length, fields }: ExplainedItem): readonly string[] {
  const place =
    state === 'redirect' ? `to item ${offset}` : length === 0 ? '' : `${length} bytes at ${offset}`;
  return [`  item ${number}  ${state} ${place}`.trimEnd(), ...fields.flatMap(fieldLines)];
}

function contentLines(fields: readonly ExplainedField[], all: boolean): readonly string[] {
  const lines: string[] = [];
  let shown = 0;
  let zeros = 0;
  const settleZeros = (): void => {
    if (zeros > 0) lines.push(`  ... ${zeros} ${zeros === 1 ? 'field' : 'fields'} of zeros`);
    zeros = 0;
  };
  for (const [index, field] of fields.entries()) {
    if (!all && fields.length > shownContentFields) {
      if (/^0+$/.test(field.bytes)) {
        zeros++;
        continue;
      }
      if (shown === shownContentFields) {
        settleZeros();
        lines.push(`  ... ${fields.length - index} more fields; --all shows them`);
        return lines;
      }
    }
    settleZeros();
    lines.push(...fieldLines(field));
    shown++;
  }
  settleZeros();
  return lines;
}

/** One line, and more where the value is a list of names that does not fit. */
function fieldLines({ offset, length, name, bytes, value, key }: ExplainedField): readonly string[] {
  const place = `  ${String(offset).padStart(4)}  ${String(length).padStart(4)}`.padEnd(nameColumn);
  const named = cut(`${place}${name}`, bytesColumn - 1).padEnd(bytesColumn);
  const hex = length > shownBytes ? `${bytes.slice(0, 2 * shownBytes - 2)}..` : bytes;
  const values = key === undefined ? [value ?? ''] : keyValueWords(key);
  const [first = '', ...more] = values.flatMap((words) => wrapped(words, columns - valueColumn));
  return [
    `${`${named}${hex}`.padEnd(valueColumn)}${first}`.trimEnd(),
    ...more.map((line) => `${' '.repeat(valueColumn)}${line}`),
  ];
}

/** Cuts text in quotes, and puts the code points of a key below it; breaks everything else at spaces. */
function wrapped(text: string, width: number): readonly string[] {
  const [, quoted, codePoints = ''] = /^([^"]*".*")(?: (U\+[0-9A-F]+(?: U\+[0-9A-F]+)*))?$/s.exec(text) ?? [];
  if (quoted === undefined) return broken(text, width).map((line) => cut(line, width));
  const lines = broken(codePoints, width);
  const shown = lines.slice(0, shownCodePointLines);
  return [cut(quoted, width), ...shown, ...(lines.length > shown.length ? ['..'] : [])];
}

function broken(text: string, width: number): readonly string[] {
  if (text === '') return [];
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) {
      lines.push(word);
    } else {
      lines[lines.length - 1] = `${last} ${word}`;
    }
  }
  return lines;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 2)}..`;
}
