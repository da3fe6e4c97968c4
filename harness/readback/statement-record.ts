import { type Client, DatabaseError, escapeLiteral, type QueryResult } from 'pg';

type Ask = (statement: string, values?: readonly unknown[]) => Promise<QueryResult>;

const mostAnswerCharacters = 400;
/** The planner's ways are asked about, and change no answer. */
const plan = /^\s*EXPLAIN\b/;

/**
 * Takes down what a session is asked from now on, with what comes of it: a script for psql, a statement or an answer an entry,
 * that grows as the session goes on.
 */
export function recordStatements(client: Client): readonly string[] {
  const lines: string[] = [];
  const ask = client.query.bind(client) as Ask;
  const recorded: Ask = async (statement, values) => {
    if (plan.test(statement)) return ask(statement, values);
    lines.push(...(statement === 'BEGIN' ? ['', 'BEGIN;'] : [asScript(statement, values ?? [])]));
    try {
      const result = await ask(statement, values);
      lines.push(...answerLines(result));
      return result;
    } catch (error) {
      if (error instanceof DatabaseError) lines.push(comment(`ERROR:  ${error.message}`));
      throw error;
    }
  };
  Object.assign(client, { query: recorded });
  return lines;
}

/** Parameters become literals: a script has none. */
function asScript(statement: string, values: readonly unknown[]): string {
  const whole = statement.replaceAll(/\$(\d+)/g, (_, number: string) => valueOf(values[Number(number) - 1]));
  return `${whole.trim()};`;
}

function valueOf(value: unknown): string {
  if (typeof value === 'string') return escapeLiteral(value).trim();
  return value === null || value === undefined ? 'NULL' : JSON.stringify(value);
}

/** Of statements without rows nothing, of others the first one. */
function answerLines({ rows, rowCount }: QueryResult): readonly string[] {
  const [first] = (rows as readonly unknown[] | undefined) ?? [];
  if (first === undefined) return [];
  const others = (rowCount ?? 1) - 1;
  return [comment(`${JSON.stringify(first)}${others > 0 ? `, and ${String(others)} more` : ''}`)];
}

function comment(words: string): string {
  const line = words.replaceAll(/\s+/g, ' ');
  return line.length <= mostAnswerCharacters
    ? `-- ${line}`
    : `-- ${line.slice(0, mostAnswerCharacters).toWellFormed()}...`;
}
