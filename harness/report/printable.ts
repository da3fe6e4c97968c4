/*
 * What terminals, XML and readers' eyes take for something else than text: C0 and C1 controls (newlines and ANSI's escape
 * among them), line separators, marks that turn the direction of writing, characters that XML cannot hold, halves of pairs.
 */
const unprintable =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Text of unknown origin as one line that looks like what it is: an escape character becomes `\x1b`. */
export function printable(text: string): string {
  return text.replaceAll(unprintable, (character) => {
    const code = character.charCodeAt(0);
    return named[character] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
  });
}

/** The same of text that has lines of its own, and tabs, as PostgreSQL begins the further lines of a message. */
export function printableLines(text: string): string {
  return text.replaceAll(/[^\n\t]+/g, printable);
}

/** A value with every string in it, keys too, made printable; for what is shown, never for what is compared. */
export function printableValue<T>(value: T): T {
  return (typeof value === 'string' ? printable(value) : inside(value)) as T;
}

function inside(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => printableValue(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [printable(name), printableValue(each as unknown)]),
  );
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
