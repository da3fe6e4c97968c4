import type { Client } from 'pg';

import type { CheckResult } from './check-result.ts';
import { setLocally, throughHeap } from './session.ts';
import { counted, shownKeys } from './shown-keys.ts';
import type { ReferenceFacts, TableFacts } from './table-facts.ts';

const mostBoundCharacters = 80;

interface BrokenRow {
  readonly rows: string;
  readonly broken: string;
  readonly examples: readonly (string | null)[] | null;
}

/** What a table's rows promise, asked of each row again: its partition's bound, CHECK constraints, foreign keys, generated columns. */
export async function checkPromises(client: Client, table: TableFacts): Promise<readonly CheckResult[]> {
  await setLocally(client, throughHeap);
  const results: CheckResult[] = [];
  if (table.bound !== null) results.push(await checkBound(client, table, table.bound));
  for (const check of table.checks) results.push(await checkConstraint(client, table, check));
  for (const reference of table.references) results.push(await checkReference(client, table, reference));
  for (const column of table.generated) results.push(await checkGenerated(client, table, column));
  return results;
}

async function checkBound(client: Client, table: TableFacts, bound: string): Promise<CheckResult> {
  const { broken, examples, details } = await brokenRows(client, table, `(${bound}) IS FALSE`);
  return {
    findings:
      broken === 0
        ? []
        : [
            {
              code: 'readback-wrong-partition',
              message: `partition ${table.name} (${shortened(table.boundWords ?? '')}) holds ${counted(broken, 'row')} that belong elsewhere, where no query looks for them: ${shownKeys(examples)}`,
              details: { ...details, bound, rowsInWrongPartition: broken },
            },
          ],
    counts: { partitionsChecked: 1, rowsInWrongPartition: broken },
    notChecked: [],
  };
}

async function checkConstraint(
  client: Client,
  table: TableFacts,
  { name, expression }: TableFacts['checks'][number],
): Promise<CheckResult> {
  const { broken, examples, details } = await brokenRows(client, table, `(${expression}) IS FALSE`);
  return {
    findings:
      broken === 0
        ? []
        : [
            {
              code: 'readback-constraint-broken',
              message: `table ${table.name} breaks its constraint ${name}, CHECK (${expression}), in ${counted(broken, 'row')}: ${shownKeys(examples)}`,
              details: { ...details, constraint: name, expression, rowsAgainstConstraint: broken },
            },
          ],
    counts: { constraintsChecked: 1, rowsAgainstConstraints: broken },
    notChecked: [],
  };
}

async function checkReference(
  client: Client,
  table: TableFacts,
  { name, parent, pairs }: ReferenceFacts,
): Promise<CheckResult> {
  const present = pairs.map(({ child }) => `redoubt_whole.${child} IS NOT NULL`).join(' AND ');
  const equal = pairs
    .map(({ child, parent: key, equal }) => `redoubt_parent.${key} ${equal} redoubt_whole.${child}`)
    .join(' AND ');
  const { rows } = await client.query<BrokenRow>(
    `SELECT count(*) AS broken, (array_agg(redoubt_whole::text ORDER BY ctid))[1:20] AS examples
     FROM ONLY ${table.name} AS redoubt_whole
     WHERE ${present} AND NOT EXISTS (SELECT FROM ${parent} AS redoubt_parent WHERE ${equal})`,
  );
  const broken = Number(rows[0]?.broken ?? 0);
  const examples = (rows[0]?.examples ?? []).map(String);
  return {
    findings:
      broken === 0
        ? []
        : [
            {
              code: 'readback-constraint-broken',
              message: `table ${table.name} breaks its foreign key ${name} in ${counted(broken, 'row')} that ${parent} has no row for: ${shownKeys(examples)}`,
              details: { table: table.name, constraint: name, rowsAgainstConstraint: broken, examples },
            },
          ],
    counts: { constraintsChecked: 1, rowsAgainstConstraints: broken },
    notChecked: [],
  };
}

async function checkGenerated(
  client: Client,
  table: TableFacts,
  { column, expression }: TableFacts['generated'][number],
): Promise<CheckResult> {
  const { rows, broken, examples, details } = await brokenRows(
    client,
    table,
    `${column} IS DISTINCT FROM (${expression})`,
  );
  return {
    findings:
      broken === 0
        ? []
        : [
            {
              code: 'readback-value-stale',
              message: `column ${column} of ${table.name} holds another value than ${expression} gives now in ${counted(broken, 'row')}: ${shownKeys(examples)}`,
              details: { ...details, column, expression, valuesStale: broken },
            },
          ],
    counts: { valuesGenerated: rows, valuesStale: broken },
    notChecked: [],
  };
}

/** A list can have thousands of values. */
function shortened(words: string): string {
  return words.length <= mostBoundCharacters ? words : `${words.slice(0, mostBoundCharacters)}...`;
}

/** Rows of which a condition is true, shown by their first text column, or whole. */
async function brokenRows(
  client: Client,
  table: TableFacts,
  condition: string,
): Promise<{
  readonly rows: number;
  readonly broken: number;
  readonly examples: readonly string[];
  readonly details: { readonly table: string; readonly rows: number; readonly examples: readonly string[] };
}> {
  const { rows } = await client.query<BrokenRow>(
    `SELECT count(*) AS rows, count(*) FILTER (WHERE ${condition}) AS broken,
       (array_agg(redoubt_whole::text ORDER BY length(redoubt_whole::text), ctid) FILTER (WHERE ${condition}))[1:20] AS examples
     FROM ONLY ${table.name} AS redoubt_whole`,
  );
  const all = Number(rows[0]?.rows ?? 0);
  const examples = (rows[0]?.examples ?? []).map(String);
  return {
    rows: all,
    broken: Number(rows[0]?.broken ?? 0),
    examples,
    details: { table: table.name, rows: all, examples },
  };
}
