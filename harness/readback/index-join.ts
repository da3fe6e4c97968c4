import { type Client, DatabaseError } from 'pg';

import { type CheckResult, noResult } from './check-result.ts';
import { type IndexFacts, indexDetails, indexWords } from './index-facts.ts';
import { andPredicate, keyName } from './index-rows.ts';
import { planOf, setLocally, throughIndex } from './session.ts';
import { counted } from './shown-keys.ts';

/** elog without a code of its own. */
const internalError = 'XX000';

/**
 * Joins the rows in the order of a btree with their own keys, sorted: all of them must find themselves. The rows must have
 * been gathered, and other indexes of the table be out of the planner's sight.
 */
export async function checkMergeJoin(client: Client, index: IndexFacts): Promise<CheckResult> {
  const [key] = index.keys;
  if (index.method !== 'btree' || key === undefined || key.equal === null) return noResult;
  const name = keyName(0);
  await setLocally(client, {
    ...throughIndex,
    enable_hashjoin: 'off',
    enable_nestloop: 'off',
    enable_hashagg: 'off',
  });
  const sorted = `SELECT DISTINCT ${name} FROM redoubt_rows WHERE ${name} IS NOT NULL`;
  const statement = `
    SELECT count(*) AS rows FROM (
      SELECT ${key.expression} AS ${name} FROM ONLY ${index.table} WHERE true${andPredicate(index)}
    ) AS t JOIN (${sorted}) AS d ON t.${name} ${key.equal} d.${name}`;
  const plan = await planOf(client, statement);
  if (!plan.includes('"Merge Join"') || !plan.includes(`"Index Name":${JSON.stringify(index.relationName)}`))
    return { ...noResult, notChecked: [`merge join of ${index.name}: the planner cannot use it for that`] };
  const expected = await countOf(client, `SELECT count(${name}) AS rows FROM redoubt_rows`);
  const outcome = await countOf(client, statement).catch((error: unknown) => {
    // "mergejoin input data is out of order"
    if (error instanceof DatabaseError && error.code === internalError) return error.message;
    throw error;
  });
  if (outcome === expected) return { ...noResult, counts: { rowsJoined: expected } };
  const found = typeof outcome === 'number' ? outcome : 0;
  return {
    findings: [
      {
        code: 'readback-join-wrong',
        message:
          typeof outcome === 'number'
            ? `a merge join through ${indexWords(index)} finds ${counted(outcome, 'row')} instead of ${expected.toLocaleString('en')}`
            : `a merge join through ${indexWords(index)} fails: ${outcome}`,
        details: { ...indexDetails(index), rowsJoined: expected, rowsNotJoined: expected - found },
      },
    ],
    counts: { rowsJoined: expected, rowsNotJoined: Math.max(expected - found, 0) },
    notChecked: [],
  };
}

async function countOf(client: Client, statement: string): Promise<number> {
  return Number((await client.query<{ readonly rows: string }>(statement)).rows[0]?.rows ?? 0);
}
