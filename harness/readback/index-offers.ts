import type { Client } from 'pg';

import type { CheckResult } from './check-result.ts';
import { type IndexFacts, indexDetails, indexWords } from './index-facts.ts';
import { andPredicate, everyKey, keyList, keyName } from './index-rows.ts';
import { setLocally, throughHeap } from './session.ts';
import type { TableFacts } from './table-facts.ts';
import { counted, plainestFirst, shownKeys } from './shown-keys.ts';

interface OfferRow {
  readonly offered: string;
  readonly accepted: string;
  readonly keys: readonly (string | null)[] | null;
}

/** Keys that a unique index should not have let in, each with NULLs apart. */
export async function findStoredDuplicates(client: Client, index: IndexFacts): Promise<CheckResult> {
  if (!index.isUnique || index.keys.some(({ equal }) => equal?.endsWith('.=)') !== true))
    return { findings: [], counts: {}, notChecked: [] };
  await setLocally(client, { ...throughHeap, enable_sort: 'on' });
  const { rows } = await client.query<{ readonly rows: string; readonly examples: readonly string[] | null }>(
    `SELECT coalesce(sum(redoubt_times - 1), 0) AS rows, (array_agg(redoubt_texts))[1:3] AS examples FROM (
       SELECT count(*) AS redoubt_times, string_agg(${keyName(0)}::text, ' = ' ORDER BY ${keyName(0)}::text COLLATE "C") AS redoubt_texts
       FROM redoubt_rows WHERE ${everyKey(index, (name) => `${name} IS NOT NULL`)}
       GROUP BY ${keyList(index, (name) => name)} HAVING count(*) > 1) AS k`,
  );
  const stored = Number(rows[0]?.rows ?? 0);
  const examples = rows[0]?.examples ?? [];
  return {
    findings:
      stored === 0
        ? []
        : [
            {
              code: 'readback-duplicate-stored',
              message: `unique ${indexWords(index)} holds ${counted(stored, 'row')} that equal another one: ${shownKeys(examples)}; REINDEX will refuse`,
              details: { ...indexDetails(index), duplicatesStored: stored, examples },
            },
          ],
    counts: { duplicatesStored: stored },
    notChecked: [],
  };
}

/**
 * Offers every row of the table a second time, or the row at the place `only` alone, and counts those that the unique index
 * takes; nothing of it stays but dead rows. Rows that the table's other constraints would refuse by now are not offered.
 */
export async function offerDuplicates(
  client: Client,
  index: IndexFacts,
  table: TableFacts,
  only: string | undefined,
): Promise<CheckResult> {
  if (!index.isUnique || table.insertable.length === 0) return { findings: [], counts: {}, notChecked: [] };
  if (!index.isImmediate)
    return { findings: [], counts: {}, notChecked: [`duplicates for ${index.name}: it is deferrable`] };
  // Without NULLs, which never equal anything.
  const present = index.keys.map(({ expression }) => `${expression} IS NOT NULL`).join(' AND ');
  const kept = [
    ...table.checks.map(({ expression }) => expression),
    ...(table.bound === null ? [] : [table.bound]),
    ...(only === undefined ? [] : [`ctid = '${only}'`]),
  ];
  const passing = [present, ...kept.map((expression) => `(${expression}) IS NOT FALSE`)].join(' AND ');
  const columns = table.insertable.join(', ');
  await setLocally(client, { ...throughHeap, session_replication_role: 'replica' });
  // What is not ready gets no entries, so that this index alone decides.
  await client.query(
    'UPDATE pg_index SET indisready = false WHERE indrelid = $1::regclass AND indexrelid <> $2::regclass',
    [table.name, index.name],
  );
  const first = index.keys[0]?.expression ?? 'NULL';
  const { rows: answers } = await client.query<OfferRow>(
    `WITH offered AS (
       INSERT INTO ${table.name} (${columns}) OVERRIDING SYSTEM VALUE
       SELECT ${columns} FROM ONLY ${table.name} WHERE ${passing}${andPredicate(index)}
       ON CONFLICT DO NOTHING RETURNING ${first}::text AS key
     ) SELECT (SELECT count(*) FROM ONLY ${table.name} WHERE ${passing}${andPredicate(index)}) AS offered,
       count(*) AS accepted, (array_agg(key ORDER BY ${plainestFirst('key')}, key COLLATE "C"))[1:20] AS keys FROM offered`,
  );
  const accepted = Number(answers[0]?.accepted ?? 0);
  const offered = Number(answers[0]?.offered ?? 0);
  const keys = (answers[0]?.keys ?? []).map(String);
  return {
    findings:
      accepted === 0
        ? []
        : [
            {
              code: 'readback-duplicate-accepted',
              message: `unique ${indexWords(index)} accepts ${counted(accepted, 'duplicate')} of ${counted(offered, 'row')} offered again: ${shownKeys(keys)}`,
              details: { ...indexDetails(index), duplicatesAccepted: accepted, keys },
            },
          ],
    counts: { duplicatesOffered: offered, duplicatesAccepted: accepted },
    notChecked: [],
  };
}
