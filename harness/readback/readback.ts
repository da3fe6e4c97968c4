import type { Client } from 'pg';

import type { Finding } from '../verdict/finding.ts';
import { type Amcheck, checkHeap, checkIndex, openAmcheck } from './amcheck.ts';
import type { CheckResult } from './check-result.ts';
import { type IndexFacts, readIndexes } from './index-facts.ts';
import { findStoredDuplicates, offerDuplicates } from './index-offers.ts';
import { lookUpRows } from './index-lookups.ts';
import { checkMergeJoin } from './index-join.ts';
import { checkOrder } from './index-order.ts';
import { checkRanges } from './index-ranges.ts';
import { gatherRows } from './index-rows.ts';
import { addCounts, type ReadbackCounts } from './readback-counts.ts';
import { inSavepoint, rolledBack, serverComplaint } from './session.ts';
import type { Scope } from './scope.ts';
import { readTables, type TableFacts } from './table-facts.ts';
import { checkPromises } from './table-promises.ts';
import { serverWarnings } from './server-warnings.ts';

export interface ReadbackOptions extends Scope {
  /** Most different keys that are looked up through one index; default 20,000. Methods that read more for each get less. */
  readonly keysPerIndex?: number;
}

/** What a server makes of a data directory that others wrote. */
export interface Readback {
  /** By table and index; none when all that was asked is as it must be. */
  readonly findings: readonly Finding[];
  readonly counts: ReadbackCounts;
  /** Indexes of which something was found. */
  readonly brokenIndexes: readonly string[];
  /** What the server warned of in this session. */
  readonly warnings: readonly string[];
  /** What could not be asked, and why. */
  readonly notChecked: readonly string[];
}

const defaultKeysPerIndex = 20_000;

/** Each lookup through these reads much: BRIN reads whole ranges of the table, GIN lists of pages. */
const mostKeysOf: Readonly<Record<string, number>> = { brin: 200, gin: 1500, gist: 1500 };

/**
 * Reads one database back: amcheck of every index and table, each row looked up through each of its indexes, ranges, order
 * and merge joins against what the rows themselves say, duplicates offered to unique indexes, rows against their
 * partitions' bounds, CHECK constraints and generated columns. Nothing stays but the extension amcheck and dead rows. Majors 14 to 18.
 * Throws what the session throws when it is lost; complaints of the server about data are findings.
 */
export async function readback(client: Client, options: ReadbackOptions = {}): Promise<Readback> {
  const warnings = serverWarnings(client);
  try {
    const amcheck = await openAmcheck(client);
    const tables = await readTables(client, options);
    const indexes = await readIndexes(client, options);
    const results: CheckResult[] = [];
    for (const table of tables) results.push(...(await readTable(client, amcheck, table)));
    for (const index of indexes) {
      results.push(await checkIndex(client, amcheck, index));
      if (!index.isSystem) results.push(...(await readIndex(client, index, options)));
    }
    // Last, since what is refused here leaves dead rows behind.
    for (const index of indexes.filter(({ isSystem }) => !isSystem)) {
      const table = tables.find(({ name }) => name === index.table);
      if (table !== undefined)
        results.push(...(await offer(client, index, table, onlyOffer(index, results))));
    }
    return summary(results, indexes, warnings.all());
  } finally {
    warnings.close();
  }
}

async function readTable(
  client: Client,
  amcheck: Amcheck,
  table: TableFacts,
): Promise<readonly CheckResult[]> {
  const heap = await checkHeap(client, amcheck, table.name);
  if (table.isSystem) return [heap];
  return [
    heap,
    ...(await guarded(`table ${table.name}`, { table: table.name }, () =>
      rolledBack(client, () => checkPromises(client, table)),
    )),
  ];
}

async function readIndex(
  client: Client,
  index: IndexFacts,
  { keysPerIndex = defaultKeysPerIndex }: ReadbackOptions,
): Promise<readonly CheckResult[]> {
  const mostKeys = Math.min(keysPerIndex, mostKeysOf[index.method] ?? keysPerIndex);
  const guard = (work: () => Promise<readonly CheckResult[]>): Promise<readonly CheckResult[]> =>
    guarded(`index ${index.name}`, { index: index.name, table: index.table }, work);
  return guard(() =>
    rolledBack(client, async () => {
      await hideOthers(client, index);
      const rows = await gatherRows(client, index, mostKeys);
      const results: CheckResult[] = [];
      for (const check of [
        () => lookUpRows(client, index, rows),
        () => checkOrder(client, index),
        () => checkRanges(client, index),
        () => checkMergeJoin(client, index),
        () => findStoredDuplicates(client, index),
      ])
        results.push(...(await guard(() => inSavepoint(client, async () => [await check()]))));
      return results;
    }),
  );
}

async function offer(
  client: Client,
  index: IndexFacts,
  table: TableFacts,
  only: string | undefined,
): Promise<readonly CheckResult[]> {
  return guarded(`index ${index.name}`, { index: index.name, table: index.table }, () =>
    rolledBack(client, async () => [await offerDuplicates(client, index, table, only)]),
  );
}

/**
 * GiST puts a row that it takes into a page by chance, and finds others there by chance afterwards: where it misses rows it is
 * offered the first of them alone.
 */
function onlyOffer({ name, method }: IndexFacts, results: readonly CheckResult[]): string | undefined {
  if (method !== 'gist') return undefined;
  const lost = results
    .flatMap(({ findings }) => findings)
    .find(({ code, details }) => code === 'readback-row-not-found' && details?.['index'] === name);
  const places = lost?.details?.['places'];
  return Array.isArray(places) ? (places as readonly string[])[0] : undefined;
}

/** The planner sees no other index of the table until the transaction ends. */
async function hideOthers(client: Client, { name, table }: IndexFacts): Promise<void> {
  await client.query(
    'UPDATE pg_index SET indisvalid = false WHERE indrelid = $1::regclass AND indexrelid <> $2::regclass',
    [table, name],
  );
}

/** What the server cannot read is a finding. */
async function guarded(
  what: string,
  details: NonNullable<Finding['details']>,
  work: () => Promise<readonly CheckResult[]>,
): Promise<readonly CheckResult[]> {
  try {
    return await work();
  } catch (error) {
    const complaint = serverComplaint(error);
    if (complaint === undefined) throw error;
    const finding: Finding = {
      code: 'readback-read-failed',
      message: `${what} cannot be read: ${complaint}`,
      details: { ...details, complaint },
    };
    return [{ findings: [finding], counts: {}, notChecked: [] }];
  }
}

function summary(
  results: readonly CheckResult[],
  indexes: readonly IndexFacts[],
  warnings: readonly string[],
): Readback {
  const findings = results.flatMap((result) => result.findings);
  const named = new Set(findings.map(({ details }) => details?.['index']));
  const counts = {
    indexesChecked: indexes.length,
    indexesSensitive: indexes.filter(({ isSensitive }) => isSensitive).length,
  };
  return {
    findings,
    counts: addCounts([counts, ...results.map((result) => result.counts)]),
    brokenIndexes: indexes.map(({ name }) => name).filter((name) => named.has(name)),
    warnings,
    notChecked: results.flatMap(({ notChecked }) => notChecked),
  };
}
