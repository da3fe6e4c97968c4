import { printable, printableLines } from '../../harness/report/printable.ts';

/** What an attribute can be; false and undefined leave it out. */
type AttributeValue = string | number | boolean | undefined;

export type Child = Node | string | undefined;

/** Makes an element; text is never markup, and nothing in it turns the direction of writing or hides. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, AttributeValue>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(key, value === true ? '' : shownValue(key, value));
  }
  for (const child of children)
    if (child !== undefined) made.append(typeof child === 'string' ? printableLines(child) : child);
  return made;
}

/** Of the attributes those are read by people that name things. */
function shownValue(key: string, value: string | number): string {
  return typeof value === 'string' && (key === 'title' || key === 'aria-label')
    ? printable(value)
    : String(value);
}

/** A link to another view of this page. */
export function link(
  target: string,
  words: string,
  attributes: Readonly<Record<string, AttributeValue>> = {},
): HTMLElement {
  return element('a', { href: target, ...attributes }, words);
}

/** What stands right-aligned in a table: a number, or a time. */
const numeric = /^[\d.,]+( s)?$/;

/** A table of text with a heading for each column; columns of numbers are set as such. */
export function table(
  caption: string,
  headings: readonly string[],
  rows: readonly (readonly Child[])[],
): HTMLElement {
  const classes = headings.map((_, column) =>
    rows.length > 0 &&
    rows.every((cells) => {
      const cell = cells[column];
      return numeric.test((typeof cell === 'string' ? cell : cell?.textContent) ?? '');
    })
      ? 'number'
      : undefined,
  );
  return element(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    element(
      'table',
      {},
      element('caption', {}, caption),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ...headings.map((heading, column) =>
            element('th', { scope: 'col', class: classes[column] }, heading),
          ),
        ),
      ),
      element(
        'tbody',
        {},
        ...rows.map((cells) =>
          element('tr', {}, ...cells.map((cell, column) => element('td', { class: classes[column] }, cell))),
        ),
      ),
    ),
  );
}

/** A section with its heading. */
export function section(id: string, title: string, ...children: readonly Child[]): HTMLElement {
  return element(
    'section',
    { id, 'aria-labelledby': `${id}-title` },
    element('h2', { id: `${id}-title` }, title),
    ...children,
  );
}

/** `1,234`. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1,234 pages`. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}
