import type { Client } from 'pg';

import type { KeyColumn } from '../page/key/key-column.ts';

/** What a relation with storage is; `pg_class.relkind` in words. */
export type RelationKind = 'table' | 'index' | 'sequence' | 'toast' | 'materialized-view' | 'other';

/** The name of a relation's storage: what stands behind a (tablespace, database, relation number). */
export interface RelationName {
  /** 1663 is pg_default, 1664 is pg_global. */
  readonly spcOid: number;
  /** 0 for catalogs that all databases share. */
  readonly dbOid: number;
  /** `pg_relation_filenode()`: changes when TRUNCATE, REINDEX, CLUSTER or VACUUM FULL make the storage anew. */
  readonly relNumber: number;
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: RelationKind;
  /** `heap`, `btree`; null for a relation without one. */
  readonly accessMethod: string | null;
  /** The table of an index or of a TOAST table, with its schema; null for others. */
  readonly table: string | null;
  /** Of the columns, in their order, without repetition; with their schema unless that is pg_catalog. */
  readonly collations: readonly string[];
  /** Of an index; null for others. */
  readonly columns: readonly KeyColumn[] | null;
}

const kinds: Readonly<Record<string, RelationKind>> = {
  r: 'table',
  i: 'index',
  S: 'sequence',
  t: 'toast',
  m: 'materialized-view',
};

interface Row {
  readonly spc_oid: number;
  readonly db_oid: number;
  readonly rel_number: number;
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly access_method: string | null;
  readonly table_name: string | null;
  readonly collations: readonly string[];
  readonly columns: readonly KeyColumn[] | null;
}

/** Valid for majors 14 to 18. */
const query = `
  SELECT coalesce(nullif(c.reltablespace, 0), d.dattablespace)::int8::float8 AS spc_oid,
    CASE WHEN c.relisshared THEN 0 ELSE d.oid::int8::float8 END AS db_oid,
    pg_relation_filenode(c.oid)::int8::float8 AS rel_number,
    c.oid::int8::float8 AS oid,
    n.nspname::text AS schema,
    c.relname::text AS name,
    c.relkind::text AS kind,
    am.amname::text AS access_method,
    owner.nspname || '.' || parent.relname AS table_name,
    ARRAY(
      SELECT CASE WHEN cn.nspname = 'pg_catalog' THEN '' ELSE cn.nspname || '.' END || co.collname
      FROM pg_attribute AS a
      JOIN pg_collation AS co ON co.oid = a.attcollation
      JOIN pg_namespace AS cn ON cn.oid = co.collnamespace
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      GROUP BY 1
      ORDER BY min(a.attnum)
    ) AS collations,
    CASE WHEN ix.indexrelid IS NOT NULL THEN (
      SELECT json_agg(
        json_build_object(
          'name', a.attname,
          'type', coalesce(base.typname, t.typname),
          'lengthBytes', a.attlen,
          'align', a.attalign,
          'collation', CASE WHEN cn.nspname = 'pg_catalog' THEN '' ELSE cn.nspname || '.' END || co.collname,
          'isIncluded', a.attnum > ix.indnkeyatts
        )
        ORDER BY a.attnum
      )
      FROM pg_attribute AS a
      JOIN pg_type AS t ON t.oid = a.atttypid
      LEFT JOIN pg_type AS base ON base.oid = t.typbasetype
      LEFT JOIN pg_collation AS co ON co.oid = a.attcollation
      LEFT JOIN pg_namespace AS cn ON cn.oid = co.collnamespace
      WHERE a.attrelid = c.oid AND a.attnum > 0
    ) END AS columns
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_database AS d ON d.datname = current_database()
  LEFT JOIN pg_am AS am ON am.oid = c.relam
  LEFT JOIN pg_index AS ix ON ix.indexrelid = c.oid
  LEFT JOIN pg_class AS parent ON parent.oid = ix.indrelid OR (c.relkind = 't' AND parent.reltoastrelid = c.oid)
  LEFT JOIN pg_namespace AS owner ON owner.oid = parent.relnamespace
  WHERE pg_relation_filenode(c.oid) IS NOT NULL
  ORDER BY 1, 2, 3`;

/** The names of all relations with storage that the session's database sees now, shared catalogs included. */
export async function readRelationNames(client: Client): Promise<readonly RelationName[]> {
  const { rows } = await client.query<Row>(query);
  return rows.map((row) => ({
    spcOid: row.spc_oid,
    dbOid: row.db_oid,
    relNumber: row.rel_number,
    oid: row.oid,
    schema: row.schema,
    name: row.name,
    kind: kinds[row.kind] ?? 'other',
    accessMethod: row.access_method,
    table: row.table_name,
    collations: row.collations,
    columns: row.columns,
  }));
}

/**
 * Gathers names over time, since storage comes and goes: the name first seen for a storage is kept, in the order of
 * tablespace, database and relation number.
 */
export class RelationNames {
  readonly #byStorage = new Map<string, RelationName>();

  add(names: readonly RelationName[]): void {
    for (const name of names) {
      const storage = `${String(name.spcOid)}/${String(name.dbOid)}/${String(name.relNumber)}`;
      if (!this.#byStorage.has(storage)) this.#byStorage.set(storage, name);
    }
  }

  all(): readonly RelationName[] {
    return [...this.#byStorage.values()].toSorted(
      (left, right) =>
        left.spcOid - right.spcOid || left.dbOid - right.dbOid || left.relNumber - right.relNumber,
    );
  }
}
