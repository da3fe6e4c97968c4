import { pageSizeBytes } from '../page/page-bytes.ts';
import { readHeapRows, type Column, type HeapRow } from '../page/heap-tuple.ts';
import { classColumns, collationColumns, databaseColumns } from './catalog-columns.ts';

/** A collation as a new cluster knows it. */
export interface CollationRow {
  readonly name: string;
  /** `c` libc, `i` ICU, `b` builtin, `d` the database's own. */
  readonly provider: string;
  readonly isDeterministic: boolean;
  /** As in pg_database; -1 for any. */
  readonly encoding: number;
  readonly collate: string | null;
  readonly ctype: string | null;
  /** Of ICU and builtin; before 15 these are in `collate`. */
  readonly locale: string | null;
  readonly rules: string | null;
  readonly version: string | null;
}

/** A database as initdb made it. */
export interface DatabaseRow {
  readonly oid: number;
  readonly name: string;
  /** The number of its encoding (mb/pg_wchar.h). */
  readonly encoding: number;
  /** `c` libc, `i` ICU, `b` builtin; before 15 always `c`. */
  readonly provider: string;
  readonly collate: string | null;
  readonly ctype: string | null;
  readonly locale: string | null;
  readonly rules: string | null;
  readonly version: string | null;
}

/** A relation of a database, as its files are named. */
export interface StoredRelation {
  readonly name: string;
  readonly kind: 'heap' | 'btree' | 'hash' | 'gist' | 'gin' | 'spgist' | 'brin' | 'sequence';
}

/** Reads a file of a data directory at rest by its path within it; undefined when there is none. */
export type ReadFile = (path: string) => Buffer | undefined;

/** The database whose catalogs stand for those of the others: template0 and postgres are copies of it. */
const template1Oid = 1;

/** The OIDs, and in a new cluster the file names, of the catalogs that are read (catalog/pg_*.h, 14-18). */
const catalogs = { class: 1259, collation: 3456, database: 1262, namespace: 2615 } as const;

const accessMethods: Readonly<Record<number, StoredRelation['kind']>> = {
  0: 'sequence',
  2: 'heap',
  403: 'btree',
  405: 'hash',
  783: 'gist',
  2742: 'gin',
  3580: 'brin',
  4000: 'spgist',
};

const namespaceColumns: readonly Column[] = [
  { name: 'oid', type: 'oid' },
  { name: 'nspname', type: 'name' },
];

/** The collations of template1, read from its pages; undefined when there is no such file. Majors 14 to 18. */
export function readCollationRows(read: ReadFile, major: number): readonly CollationRow[] | undefined {
  const file = read(`base/${String(template1Oid)}/${String(catalogs.collation)}`);
  if (file === undefined) return undefined;
  return rowsOf(file, collationColumns(major))
    .map((row) => ({
      name: word(row, 'collname'),
      provider: word(row, 'collprovider'),
      isDeterministic: row['collisdeterministic'] === true,
      encoding: number(row, 'collencoding'),
      collate: text(row, 'collcollate'),
      ctype: text(row, 'collctype'),
      locale: text(row, 'locale'),
      rules: text(row, 'collicurules'),
      version: text(row, 'collversion'),
    }))
    .toSorted((left, right) => compare(keyOf(left), keyOf(right)));
}

/** What pg_collation has a unique index on, the schema apart. */
export function keyOf({ name, encoding }: Pick<CollationRow, 'name' | 'encoding'>): string {
  return `${name}/${String(encoding)}`;
}

/** The databases of a cluster by name, read from their pages; undefined when there is no such file. Majors 14 to 18. */
export function readDatabaseRows(read: ReadFile, major: number): readonly DatabaseRow[] | undefined {
  const file = read(`global/${String(catalogs.database)}`);
  if (file === undefined) return undefined;
  return rowsOf(file, databaseColumns(major))
    .map((row) => ({
      oid: number(row, 'oid'),
      name: word(row, 'datname'),
      encoding: number(row, 'encoding'),
      provider: major >= 15 ? word(row, 'datlocprovider') : 'c',
      collate: text(row, 'datcollate'),
      ctype: text(row, 'datctype'),
      locale: text(row, 'locale'),
      rules: text(row, 'daticurules'),
      version: text(row, 'datcollversion'),
    }))
    .toSorted((left, right) => compare(left.name, right.name));
}

/**
 * The relations of template1 with their names and schemas, by the number of their files: of a catalog with a fixed place
 * (relfilenode 0) the OID, which in a new cluster it is.
 */
export function readStoredRelations(read: ReadFile): ReadonlyMap<number, StoredRelation> {
  const base = `base/${String(template1Oid)}`;
  const schemas = new Map(
    rowsOf(read(`${base}/${String(catalogs.namespace)}`), namespaceColumns).map((row) => [
      number(row, 'oid'),
      word(row, 'nspname'),
    ]),
  );
  return new Map(
    rowsOf(read(`${base}/${String(catalogs.class)}`), classColumns).map((row) => [
      number(row, 'relfilenode') || number(row, 'oid'),
      {
        name: `${schemas.get(number(row, 'relnamespace')) ?? 'pg_catalog'}.${word(row, 'relname')}`,
        kind: accessMethods[number(row, 'relam')] ?? 'heap',
      },
    ]),
  );
}

function rowsOf(file: Buffer | undefined, columns: readonly Column[]): readonly HeapRow[] {
  const rows: HeapRow[] = [];
  if (file === undefined) return rows;
  for (let at = 0; at + pageSizeBytes <= file.length; at += pageSizeBytes)
    rows.push(...readHeapRows(file.subarray(at, at + pageSizeBytes), columns));
  return rows;
}

function word(row: HeapRow, column: string): string {
  return text(row, column) ?? '';
}

function text(row: HeapRow, column: string): string | null {
  const value = row[column];
  return typeof value === 'string' ? value : null;
}

function number(row: HeapRow, column: string): number {
  const value = row[column];
  return typeof value === 'number' ? value : 0;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
