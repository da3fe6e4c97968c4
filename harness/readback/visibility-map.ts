import type { Client } from 'pg';

import type { Finding } from '../verdict/finding.ts';
import { serverComplaint } from './session.ts';

/** What was asked about visibility maps. */
export interface MapCheck {
  readonly findings: readonly Finding[];
  readonly tables: number;
  /** What could not be asked, and why. */
  readonly notChecked: readonly string[];
}

interface Fault {
  readonly bit: 'visible' | 'frozen' | 'page';
  readonly block: string;
  readonly rows: readonly string[];
}

const tablesQuery = `
  SELECT oid::regclass::text AS table FROM pg_class
  WHERE relkind IN ('r', 'm', 't') AND relpersistence = 'p' ORDER BY oid`;

/** pg_visibility's own checks, and bits of pages that do not know of them. */
const faultsQuery = `
  SELECT bit, block, array_agg(tid ORDER BY item) AS rows FROM (
    SELECT 'visible' AS bit, t_ctid::text AS tid, (t_ctid::text::point)[0]::int8::text AS block, (t_ctid::text::point)[1] AS item
    FROM pg_check_visible($1::regclass) UNION ALL
    SELECT 'frozen', t_ctid::text, (t_ctid::text::point)[0]::int8::text, (t_ctid::text::point)[1]
    FROM pg_check_frozen($1::regclass) UNION ALL
    SELECT 'page', '', blkno::text, 0 FROM pg_visibility($1::regclass) WHERE all_visible AND NOT pd_all_visible
  ) AS faults GROUP BY bit, block ORDER BY block::int8, bit`;

const mostFaultsOfTable = 5;

/** Compares the visibility map of each table, catalogs and TOAST included, with its rows. Nothing stays but the extension. */
export async function checkVisibilityMaps(client: Client): Promise<MapCheck> {
  const { rows: available } = await client.query(
    `SELECT FROM pg_available_extensions WHERE name = 'pg_visibility'`,
  );
  if (available.length === 0)
    return { findings: [], tables: 0, notChecked: ['visibility maps: the server has no pg_visibility'] };
  await client.query('CREATE EXTENSION IF NOT EXISTS pg_visibility');
  const { rows: tables } = await client.query<{ readonly table: string }>(tablesQuery);
  const findings: Finding[] = [];
  for (const { table } of tables) {
    try {
      const { rows } = await client.query<Fault>(faultsQuery, [table]);
      findings.push(...rows.slice(0, mostFaultsOfTable).map((fault) => finding(table, fault)));
    } catch (error) {
      const complaint = serverComplaint(error);
      if (complaint === undefined) throw error;
      findings.push({
        code: 'readback-map-wrong',
        message: `the visibility map of table ${table} cannot be compared with its rows: ${complaint}`,
        details: { table, complaint },
      });
    }
  }
  return { findings, tables: tables.length, notChecked: [] };
}

function finding(table: string, { bit, block, rows }: Fault): Finding {
  const shown = rows.slice(0, 3).join(', ') + (rows.length > 3 ? ` and ${String(rows.length - 3)} more` : '');
  const words = {
    visible: `says that every row of block ${block} is visible to everybody, but ${shown} is not: index-only scans would give it`,
    frozen: `says that every row of block ${block} is frozen, but ${shown} is not: vacuum will pass it over`,
    page: `says that every row of block ${block} is visible to everybody, but the page itself does not: whoever changes it leaves the bit set`,
  }[bit];
  return {
    code: 'readback-map-wrong',
    message: `the visibility map of table ${table} ${words}`,
    details: { table, block: Number(block), bit, rows },
  };
}
