import { RedoubtError } from '../error.ts';

/** One statement of a script, without its semicolon, and the line (from 1) on which it begins. */
export interface SqlStatement {
  readonly text: string;
  readonly line: number;
}

/**
 * Cuts a script into statements at the semicolons that the lexer of PostgreSQL (parser/scan.l, majors 14 to 18, with
 * standard_conforming_strings on) would see: not those inside quotes, dollar quotes or comments. Each statement is sent
 * alone, since VACUUM refuses company. `BEGIN ATOMIC` bodies are not understood: quote such a body with dollars.
 * `origin` names the script in errors. Throws `sql-unterminated` (usage).
 */
export function splitStatements(script: string, origin: string): readonly SqlStatement[] {
  const statements: SqlStatement[] = [];
  let start: number | undefined;
  let at = 0;
  while (at < script.length) {
    const piece = nextPiece(script, at);
    if (piece === undefined) throw unterminated(script, at, origin);
    if (piece.kind === 'semicolon') {
      if (start !== undefined) statements.push(statement(script, start, at));
      start = undefined;
    } else if (piece.kind === 'text') {
      start ??= at;
    }
    at = piece.end;
  }
  if (start !== undefined) statements.push(statement(script, start, script.length));
  return statements;
}

interface Piece {
  readonly kind: 'text' | 'blank' | 'semicolon';
  readonly end: number;
}

const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const word = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;

/** The lexical piece that begins at `at`; undefined when it never ends. */
function nextPiece(script: string, at: number): Piece | undefined {
  const two = script.slice(at, at + 2);
  const one = two.charAt(0);
  if (two === '--') return { kind: 'blank', end: endOf(script, '\n', at) ?? script.length };
  if (two === '/*') return textEnd(endOfComment(script, at), 'blank');
  if (one === ';') return { kind: 'semicolon', end: at + 1 };
  if (/\s/.test(one)) return { kind: 'blank', end: at + 1 };
  if (/^[eE]'/.test(two)) return textEnd(endOfQuoted(script, at + 1, true));
  if (one === "'" || one === '"') return textEnd(endOfQuoted(script, at, false));
  if (one === '$') {
    dollarTag.lastIndex = at;
    const tag = dollarTag.exec(script)?.[0];
    return tag === undefined ? { kind: 'text', end: at + 1 } : textEnd(endOf(script, tag, at + tag.length));
  }
  // A whole word at once: a dollar inside an identifier begins no quote.
  word.lastIndex = at;
  return { kind: 'text', end: at + (word.exec(script)?.[0].length ?? 1) };
}

function textEnd(end: number | undefined, kind: 'text' | 'blank' = 'text'): Piece | undefined {
  return end === undefined ? undefined : { kind, end };
}

function endOf(script: string, mark: string, from: number): number | undefined {
  const found = script.indexOf(mark, from);
  return found < 0 ? undefined : found + mark.length;
}

/** Behind the closing quote; a doubled quote closes and opens again, which comes to the same. */
function endOfQuoted(script: string, at: number, backslashes: boolean): number | undefined {
  const quote = script.charAt(at);
  for (let index = at + 1; index < script.length; index++) {
    const char = script.charAt(index);
    if (char === quote) {
      if (script.charAt(index + 1) !== quote) return index + 1;
      index++;
    } else if (char === '\\' && backslashes) {
      index++;
    }
  }
  return undefined;
}

/** Block comments nest. */
function endOfComment(script: string, at: number): number | undefined {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = at;
  let depth = 0;
  for (let found = mark.exec(script); found !== null; found = mark.exec(script)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return undefined;
}

function statement(script: string, start: number, end: number): SqlStatement {
  return { text: script.slice(start, end).trimEnd(), line: lineOf(script, start) };
}

function lineOf(script: string, at: number): number {
  return script.slice(0, at).split('\n').length;
}

function unterminated(script: string, at: number, origin: string): RedoubtError {
  const line = lineOf(script, at);
  return new RedoubtError(
    'usage',
    'sql-unterminated',
    `${origin}:${String(line)}: a quote or comment begins here and never ends`,
    { remedy: 'Close it.', details: { path: origin, line } },
  );
}
