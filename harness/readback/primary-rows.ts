import type { Client } from 'pg';

import {
  readTableContents,
  readTableNames,
  whileReadingTables,
  type BlockContents,
  type DatabaseContents,
  type TableContents,
} from '../compute/table-contents.ts';
import type { Finding } from '../verdict/finding.ts';
import { serverComplaint } from './session.ts';
import { counted } from './shown-keys.ts';

/** What was compared, and what of it is not as the primary had it. */
export interface RowComparison {
  readonly findings: readonly Finding[];
  readonly tables: number;
  readonly rows: number;
}

const mostBlocksOfTable = 5;

/**
 * Compares every row of every table, catalogs included, with the primary's: same page, same place in it, same values. To be
 * asked first, since whatever else a session does changes catalogs. Throws what the session throws when it is lost.
 */
export async function compareRows(client: Client, primary: DatabaseContents): Promise<RowComparison> {
  return whileReadingTables(client, async () => {
    const findings: Finding[] = [];
    let rows = 0;
    let names: readonly string[];
    try {
      names = await readTableNames(client);
    } catch (error) {
      return { findings: [cannotRead('pg_catalog.pg_class', error)], tables: 0, rows: 0 };
    }
    for (const expected of primary.tables) {
      const { table } = expected;
      if (!names.includes(table)) {
        findings.push({
          code: 'readback-rows-differ',
          message: `table ${table} is gone`,
          details: { table },
        });
        continue;
      }
      const { actual, unreadable } = await readWhatCanBe(client, expected);
      rows += actual.blocks.reduce((sum, [, count]) => sum + count, 0);
      findings.push(...unreadable, ...(await differences(client, expected, actual)));
    }
    const known = new Set(primary.tables.map(({ table }) => table));
    for (const table of names.filter((name) => !known.has(name)))
      findings.push({
        code: 'readback-rows-differ',
        message: `table ${table} is there, and the primary had none`,
        details: { table },
      });
    return { findings, tables: primary.tables.length, rows };
  });
}

async function differences(
  client: Client,
  expected: TableContents,
  actual: TableContents,
): Promise<readonly Finding[]> {
  const { table } = expected;
  const wanted = new Map(expected.blocks.map((block) => [block[0], block]));
  const found = new Map(actual.blocks.map((block) => [block[0], block]));
  const blocks = [...new Set([...wanted.keys(), ...found.keys()])]
    .filter((block) => !same(wanted.get(block), found.get(block)))
    .toSorted((left, right) => left - right);
  const findings: Finding[] = [];
  for (const block of blocks.slice(0, mostBlocksOfTable)) {
    const [before, now] = [wanted.get(block)?.[1] ?? 0, found.get(block)?.[1] ?? 0];
    const items = await visibleItems(client, table, block);
    const what =
      before === now
        ? `holds ${counted(now, 'row')}, as on the primary, but other ones`
        : `holds ${counted(now, 'row')}, on the primary ${String(before)}`;
    findings.push({
      code: 'readback-rows-differ',
      message: `table ${table}, block ${String(block)}, ${what}`,
      details: { table, block, rows: now, rowsOnPrimary: before, items, blocksThatDiffer: blocks.length },
    });
  }
  return findings;
}

function same(left: BlockContents | undefined, right: BlockContents | undefined): boolean {
  return left?.[1] === right?.[1] && left?.[2] === right?.[2];
}

/** The items of a page that hold rows which the session sees: `1-17, 19`. */
async function visibleItems(client: Client, table: string, block: number): Promise<string> {
  const { rows } = await client.query<{ readonly items: string | null }>(
    `SELECT string_agg(CASE WHEN low = high THEN low::text ELSE low || '-' || high END, ', ' ORDER BY low) AS items
     FROM (SELECT min(item) AS low, max(item) AS high
       FROM (SELECT item, item - row_number() OVER (ORDER BY item) AS run
         FROM (SELECT (ctid::text::point)[1]::int AS item FROM ${table} WHERE (ctid::text::point)[0]::int8 = $1) AS a) AS b
       GROUP BY run) AS c`,
    [block],
  );
  return rows[0]?.items ?? 'none';
}

/** A table page by page where it cannot be read as a whole; pages that cannot be read count as equal. */
async function readWhatCanBe(
  client: Client,
  expected: TableContents,
): Promise<{ readonly actual: TableContents; readonly unreadable: readonly Finding[] }> {
  const { table } = expected;
  try {
    return { actual: await readTableContents(client, table), unreadable: [] };
  } catch (error) {
    const unreadable: Finding[] = [];
    const blocks: BlockContents[] = [];
    for (const block of expected.blocks) {
      try {
        blocks.push(...(await readTableContents(client, table, block[0])).blocks);
      } catch (reason) {
        unreadable.push(cannotRead(table, reason, block[0]));
        blocks.push(block);
      }
    }
    if (unreadable.length === 0) unreadable.push(cannotRead(table, error));
    return { actual: { table, blocks }, unreadable: unreadable.slice(0, mostBlocksOfTable) };
  }
}

/** What the server cannot read is a finding; a session that is lost is none. */
function cannotRead(table: string, error: unknown, block?: number): Finding {
  const complaint = serverComplaint(error);
  if (complaint === undefined) throw error;
  const place = block === undefined ? table : `${table}, block ${String(block)},`;
  return {
    code: 'readback-read-failed',
    message: `table ${place} cannot be read: ${complaint}`,
    details: { table, complaint, ...(block === undefined ? {} : { block }) },
  };
}
