import type { Client } from 'pg';

import type { CheckResult } from './check-result.ts';
import { type IndexFacts, indexDetails, indexWords } from './index-facts.ts';
import { andPredicate, everyKey, type IndexRows, isTextSearch, keyName } from './index-rows.ts';
import { setLocally, throughIndex, usesIndex } from './session.ts';
import { counted, plainestFirst, shownCount, shownKeys } from './shown-keys.ts';

interface LookupRow {
  readonly rows: string;
  readonly missing: string;
  readonly repeated: string;
  readonly keys: readonly (string | null)[] | null;
  readonly places: readonly string[] | null;
}

/**
 * Looks up each row that was gathered by its key, through the index itself, and counts those that do not come back (or
 * come back more than once). Other indexes of the table must be out of the planner's sight.
 */
export async function lookUpRows(
  client: Client,
  index: IndexFacts,
  { areKeysDistinct }: IndexRows,
): Promise<CheckResult> {
  const without = index.keys.find(({ equal }) => equal === null);
  if (without !== undefined)
    return notLookedUp(index, `its operators cannot find one value of ${without.expression}`);
  await setLocally(client, {
    ...throughIndex,
    enable_bitmapscan: index.method === 'gin' || index.method === 'brin' ? 'on' : 'off',
    enable_sort: 'on',
  });
  const statement = lookupStatement(index, areKeysDistinct);
  if (!(await usesIndex(client, index.relationName, statement)))
    return notLookedUp(index, 'the planner cannot use it for that');
  const { rows } = await client.query<LookupRow>(statement);
  const [row] = rows;
  const [missing, repeated] = [Number(row?.missing ?? 0), Number(row?.repeated ?? 0)];
  const details = {
    ...indexDetails(index),
    rowsLookedUp: Number(row?.rows ?? 0),
    keys: (row?.keys ?? []).map(String),
    places: row?.places ?? [],
  };
  const places = (row?.places ?? []).slice(0, shownCount).join(', ');
  return {
    findings: [
      ...(missing === 0
        ? []
        : [
            {
              code: 'readback-row-not-found' as const,
              message: `${indexWords(index)} does not find ${counted(missing, 'row')} of ${Number(row?.rows).toLocaleString('en')} by their own keys: ${shownKeys(row?.keys ?? [])} at ${places}`,
              details: { ...details, rowsNotFound: missing },
            },
          ]),
      ...(repeated === 0
        ? []
        : [
            {
              code: 'readback-row-repeated' as const,
              message: `${indexWords(index)} gives ${counted(repeated, 'row')} more than once`,
              details: { ...details, rowsRepeated: repeated },
            },
          ]),
    ],
    counts: { rowsLookedUp: Number(row?.rows ?? 0), rowsNotFound: missing },
    notChecked: [],
  };
}

/** Its aliases are names that no table has: inside of the innermost part the table's own name comes first. */
function lookupStatement(index: IndexFacts, areKeysDistinct: boolean): string {
  const condition = everyKey(index, (name, position) => {
    const key = index.keys[position];
    const wanted = isTextSearch(key) ? asTextQuery(`redoubt_d.${name}`) : `redoubt_d.${name}`;
    return `${key?.expression ?? ''} ${key?.equal ?? '='} ${wanted}`;
  });
  const same = (other: string): string =>
    areKeysDistinct
      ? everyKey(index, (name) => `${other}.${name} = r.${name}`)
      : `${other}.redoubt_row = r.redoubt_row`;
  return `
    WITH found AS MATERIALIZED (
      SELECT redoubt_d.*, f.redoubt_found FROM redoubt_keys AS redoubt_d,
        LATERAL (SELECT ctid AS redoubt_found FROM ONLY ${index.table} WHERE ${condition}${andPredicate(index)} OFFSET 0) AS f
    ), wanted AS (
      SELECT r.redoubt_row, r.${keyName(0)}::text AS redoubt_key, count(f.redoubt_found) AS redoubt_times
      FROM redoubt_rows AS r JOIN redoubt_keys AS d ON ${same('d')}
      LEFT JOIN found AS f ON f.redoubt_found = r.redoubt_row AND ${same('f')}
      GROUP BY 1, 2
    )
    SELECT count(*) AS rows, count(*) FILTER (WHERE redoubt_times = 0) AS missing,
      count(*) FILTER (WHERE redoubt_times > 1) AS repeated,
      (array_agg(redoubt_key ORDER BY ${plainestFirst('redoubt_key')}, redoubt_row) FILTER (WHERE redoubt_times = 0))[1:20] AS keys,
      (array_agg(redoubt_row::text ORDER BY ${plainestFirst('redoubt_key')}, redoubt_row) FILTER (WHERE redoubt_times = 0))[1:20] AS places
    FROM wanted`;
}

/** A search for all words of a text: what an index on words can be asked. */
function asTextQuery(vector: string): string {
  const quoted = String.raw`'''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || ''''`;
  return `(SELECT string_agg(${quoted}, ' & ') FROM unnest(${vector}))::tsquery`;
}

function notLookedUp({ name }: IndexFacts, why: string): CheckResult {
  return { findings: [], counts: {}, notChecked: [`rows through ${name}: ${why}`] };
}
