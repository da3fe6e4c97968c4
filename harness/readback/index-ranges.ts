import type { Client } from 'pg';

import { type CheckResult, noResult } from './check-result.ts';
import { type IndexFacts, indexDetails, indexWords } from './index-facts.ts';
import { andPredicate, keyName } from './index-rows.ts';
import { setLocally, throughIndex, usesIndex } from './session.ts';
import { counted, shownCount, shownKey } from './shown-keys.ts';

interface RangeRow {
  readonly pivot: string;
  readonly seen: string;
  readonly expected: string;
}

const pivotCount = 24;

/**
 * Counts the rows below keys from all over the table, through the index and without it. The rows must have been gathered, and
 * other indexes of the table be out of the planner's sight.
 */
export async function checkRanges(client: Client, index: IndexFacts): Promise<CheckResult> {
  const [key] = index.keys;
  if (key === undefined || key.less === null) return noResult;
  const needsBitmap = index.method === 'brin' || index.method === 'gin';
  await setLocally(client, {
    ...throughIndex,
    enable_sort: 'on',
    enable_bitmapscan: needsBitmap ? 'on' : 'off',
  });
  const name = keyName(0);
  const pivots = `SELECT ${name} FROM redoubt_keys LIMIT ${String(pivotCount)}`;
  const below = `${key.expression} ${key.less} redoubt_p.${name}${andPredicate(index)}`;
  const statement = `
    SELECT redoubt_p.${name}::text AS pivot,
      (SELECT count(*) FROM ONLY ${index.table} WHERE ${below}) AS seen,
      (SELECT count(*) FROM redoubt_rows AS r WHERE r.${name} ${key.less} redoubt_p.${name}) AS expected
    FROM (${pivots}) AS redoubt_p ORDER BY redoubt_p.${name}::text COLLATE "C"`;
  if (!(await usesIndex(client, index.relationName, statement)))
    return { ...noResult, notChecked: [`ranges of ${index.name}: the planner cannot use it for that`] };
  const { rows } = await client.query<RangeRow>(statement);
  const wrong = rows.filter(({ seen, expected }) => seen !== expected);
  const words = wrong
    .slice(0, shownCount)
    .map(
      ({ pivot, seen, expected }) =>
        `below ${shownKey(pivot)} it has ${Number(seen).toLocaleString('en')} instead of ${Number(expected).toLocaleString('en')}`,
    );
  return {
    findings:
      wrong.length === 0
        ? []
        : [
            {
              code: 'readback-range-wrong',
              message: `${indexWords(index)} miscounts ${counted(wrong.length, 'range')} of ${String(rows.length)}: ${words.join(', ')}`,
              details: {
                ...indexDetails(index),
                rangesWrong: wrong.length,
                ranges: wrong.map(
                  ({ pivot, seen, expected }) => `below ${pivot}: ${seen} instead of ${expected}`,
                ),
              },
            },
          ],
    counts: { rangesCounted: rows.length, rangesWrong: wrong.length },
    notChecked: [],
  };
}
