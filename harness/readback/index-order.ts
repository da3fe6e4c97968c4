import type { Client } from 'pg';

import { type CheckResult, noResult } from './check-result.ts';
import { type IndexFacts, indexDetails, indexWords } from './index-facts.ts';
import { andPredicate } from './index-rows.ts';
import { setLocally, throughIndex, usesIndex } from './session.ts';
import { counted, shownCount, shownKey } from './shown-keys.ts';

interface OrderRow {
  readonly given: string;
  readonly wrong: string;
  readonly before: readonly (string | null)[];
  readonly behind: readonly (string | null)[];
}

/**
 * Reads a btree from its first row to its last and counts the rows that should come before the one that they follow. Other
 * indexes of the table must be out of the planner's sight.
 */
export async function checkOrder(client: Client, index: IndexFacts): Promise<CheckResult> {
  const statement = orderStatement(index);
  if (statement === undefined) return noResult;
  await setLocally(client, throughIndex);
  if (!(await usesIndex(client, index.relationName, statement)))
    return { ...noResult, notChecked: [`order of ${index.name}: the planner cannot use it for that`] };
  const row = (await client.query<OrderRow>(statement)).rows[0];
  const wrong = Number(row?.wrong ?? 0);
  if (row === undefined || wrong === 0) return noResult;
  const pairs = row.before
    .slice(0, shownCount)
    .map((before, position) => `${shownKey(row.behind[position] ?? null)} comes behind ${shownKey(before)}`);
  return {
    findings: [
      {
        code: 'readback-order-wrong',
        message: `${indexWords(index)} gives ${counted(wrong, 'row')} of ${Number(row.given).toLocaleString('en')} out of order: ${pairs.join(', ')}`,
        details: {
          ...indexDetails(index),
          rowsOutOfOrder: wrong,
          before: row.before.map(String),
          behind: row.behind.map(String),
        },
      },
    ],
    counts: { rowsOutOfOrder: wrong },
    notChecked: [],
  };
}

function orderStatement(index: IndexFacts): string | undefined {
  const [key] = index.keys;
  if (index.method !== 'btree' || key === undefined || key.less === null) return undefined;
  const order = index.keys.map(
    ({ expression, isDescending, hasNullsFirst, less, greater }) =>
      `${expression} USING ${(isDescending ? greater : less) ?? '<'} NULLS ${hasNullsFirst ? 'FIRST' : 'LAST'}`,
  );
  const isWrong = key.isDescending ? `before ${key.less} behind` : `behind ${key.less} before`;
  return `
    SELECT count(*) AS given, count(*) FILTER (WHERE ${isWrong}) AS wrong,
      coalesce((array_agg(before::text) FILTER (WHERE ${isWrong}))[1:20], '{}') AS before,
      coalesce((array_agg(behind::text) FILTER (WHERE ${isWrong}))[1:20], '{}') AS behind
    FROM (
      SELECT ${key.expression} AS behind, lag(${key.expression}) OVER (ORDER BY ${order.join(', ')}) AS before
      FROM ONLY ${index.table} WHERE true${andPredicate(index)}
    ) AS neighbours`;
}
