import type { Client } from 'pg';

import type { Finding } from '../verdict/finding.ts';
import type { CheckResult } from './check-result.ts';
import { type IndexFacts, indexDetails, indexWords } from './index-facts.ts';
import { rolledBack, serverComplaint } from './session.ts';

/** The functions of amcheck that a server has, by what they look at. */
export interface Amcheck {
  readonly btree: readonly string[];
  readonly gin: readonly string[];
  readonly heap: boolean;
}

interface FunctionRow {
  readonly name: string;
  readonly arguments: number;
}

const noAmcheck: Amcheck = { btree: [], gin: [], heap: false };

/**
 * Installs amcheck in the session's database where it is not, and says what it can do: from 17 on it looks at uniqueness,
 * from 18 on at GIN. Without the extension there is nothing that it could do.
 */
export async function openAmcheck(client: Client): Promise<Amcheck> {
  try {
    await client.query('CREATE EXTENSION IF NOT EXISTS amcheck');
  } catch {
    return noAmcheck;
  }
  const { rows } = await client.query<FunctionRow>(`
    SELECT p.oid::regproc::text AS name, p.pronargs AS arguments FROM pg_proc AS p
    JOIN pg_depend AS d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
    JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'amcheck'
    ORDER BY p.pronargs DESC`);
  // Of functions with one name the one with the most arguments, all of them on: it looks at the most.
  const call = (name: string): readonly string[] =>
    rows
      .filter((row) => row.name.endsWith(name))
      .slice(0, 1)
      .map(
        (row) =>
          `${row.name}($1::regclass${', true'.repeat(row.name.endsWith('gin_index_check') ? 0 : row.arguments - 1)})`,
      );
  return {
    btree: [...call('bt_index_check'), ...call('bt_index_parent_check')],
    gin: call('gin_index_check'),
    heap: rows.some(({ name }) => name.endsWith('verify_heapam')),
  };
}

/** Asks amcheck about an index; of methods that it knows nothing about nothing is said. */
export async function checkIndex(client: Client, amcheck: Amcheck, index: IndexFacts): Promise<CheckResult> {
  const calls = index.method === 'btree' ? amcheck.btree : index.method === 'gin' ? amcheck.gin : [];
  const complaints = new Map<string, string>();
  for (const call of calls) {
    const complaint = await complaintOf(client, `SELECT ${call}`, index.name);
    const name = call.slice(0, call.indexOf('('));
    if (complaint !== undefined && !complaints.has(complaint)) complaints.set(complaint, name);
  }
  const findings = [...complaints].map(([complaint, name]): Finding => ({
    code: 'readback-index-corrupt',
    message: `${indexWords(index)} is corrupt: ${name} says: ${complaint}`,
    details: { ...indexDetails(index), function: name },
  }));
  return {
    findings,
    counts: { indexesAmchecked: calls.length > 0 ? 1 : 0, indexesCorrupt: findings.length > 0 ? 1 : 0 },
    notChecked:
      index.method === 'btree' && calls.length === 0 ? [`amcheck of ${index.name}: not installed`] : [],
  };
}

/** Asks `verify_heapam` about a table. */
export async function checkHeap(client: Client, amcheck: Amcheck, table: string): Promise<CheckResult> {
  if (!amcheck.heap)
    return { findings: [], counts: {}, notChecked: [`verify_heapam of ${table}: not installed`] };
  try {
    const { rows } = await rolledBack(client, () =>
      client.query<{ readonly blkno: string; readonly offnum: number | null; readonly msg: string }>(
        'SELECT * FROM verify_heapam($1::regclass, on_error_stop => false, check_toast => true)',
        [table],
      ),
    );
    const findings = rows.slice(0, mostFaultsOfTable).map(({ blkno, offnum, msg }): Finding => ({
      code: 'readback-table-corrupt',
      message: `table ${table} is corrupt in block ${blkno}${offnum === null ? '' : `, item ${String(offnum)}`}: ${msg}`,
      details: {
        table,
        block: Number(blkno),
        ...(offnum === null ? {} : { item: offnum }),
        faults: rows.length,
      },
    }));
    return { findings, counts: { tablesChecked: 1, tablesCorrupt: rows.length > 0 ? 1 : 0 }, notChecked: [] };
  } catch (error) {
    const complaint = serverComplaint(error);
    if (complaint === undefined) throw error;
    const finding: Finding = {
      code: 'readback-table-corrupt',
      message: `table ${table} cannot be read: ${complaint}`,
      details: { table },
    };
    return { findings: [finding], counts: { tablesChecked: 1, tablesCorrupt: 1 }, notChecked: [] };
  }
}

const mostFaultsOfTable = 5;

async function complaintOf(client: Client, statement: string, relation: string): Promise<string | undefined> {
  try {
    await rolledBack(client, () => client.query(statement, [relation]));
    return undefined;
  } catch (error) {
    const complaint = serverComplaint(error);
    if (complaint === undefined) throw error;
    return complaint;
  }
}
