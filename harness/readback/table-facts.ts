import type { Client } from 'pg';

import type { Scope } from './scope.ts';

/** A table, or a leaf of a partitioned one, with what its rows promise. */
export interface TableFacts {
  /** As SQL, with the schema where it needs one. */
  readonly name: string;
  readonly isSystem: boolean;
  /** The condition that its place among partitions puts on its rows, as SQL; null when it is no partition. */
  readonly bound: string | null;
  /** As in `FOR VALUES FROM ('a') TO ('n')`. */
  readonly boundWords: string | null;
  readonly checks: readonly { readonly name: string; readonly expression: string }[];
  /** Foreign keys that are said to hold. */
  readonly references: readonly ReferenceFacts[];
  readonly generated: readonly { readonly column: string; readonly expression: string }[];
  /** Columns that an INSERT can name, as SQL; none of a table that takes none, or none with ON CONFLICT. */
  readonly insertable: readonly string[];
}

/** A foreign key: columns as SQL, in pairs, with the operator that compares parent and child. */
export interface ReferenceFacts {
  readonly name: string;
  readonly parent: string;
  readonly pairs: readonly { readonly child: string; readonly parent: string; readonly equal: string }[];
}

const query = `
  SELECT c.oid::regclass::text AS name, n.nspname IN ('pg_catalog', 'pg_toast') AS "isSystem",
    (SELECT replace(pg_get_partition_constraintdef(c.oid), format('%L::oid', inhparent), format('%L::regclass', inhparent::regclass))
      FROM pg_inherits WHERE c.relispartition AND inhrelid = c.oid) AS bound,
    CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS "boundWords",
    (SELECT coalesce(json_agg(json_build_object('name', conname, 'expression', pg_get_expr(conbin, conrelid)) ORDER BY conname), '[]')
      FROM pg_constraint WHERE conrelid = c.oid AND contype = 'c' AND convalidated) AS checks,
    (SELECT coalesce(json_agg(json_build_object('name', conname, 'parent', confrelid::regclass::text, 'pairs', (
          SELECT json_agg(json_build_object('child', quote_ident(ca.attname), 'parent', quote_ident(pa.attname),
            'equal', format('OPERATOR(%I.%s)', opn.nspname, op.oprname)))
          FROM unnest(conkey, confkey, conpfeqop) AS k (child, parent, operator)
          JOIN pg_attribute AS ca ON ca.attrelid = conrelid AND ca.attnum = k.child
          JOIN pg_attribute AS pa ON pa.attrelid = confrelid AND pa.attnum = k.parent
          JOIN pg_operator AS op ON op.oid = k.operator JOIN pg_namespace AS opn ON opn.oid = op.oprnamespace
        )) ORDER BY conname), '[]')
      FROM pg_constraint WHERE conrelid = c.oid AND contype = 'f' AND convalidated) AS references,
    (SELECT coalesce(json_agg(json_build_object('column', quote_ident(attname), 'expression', pg_get_expr(adbin, adrelid)) ORDER BY attnum), '[]')
      FROM pg_attribute JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
      WHERE attrelid = c.oid AND attgenerated = 's' AND NOT attisdropped) AS generated,
    (SELECT coalesce(json_agg(quote_ident(attname) ORDER BY attnum), '[]')
      FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND c.relkind = 'r'
        AND NOT coalesce(c.reloptions @> '{user_catalog_table=true}', false)) AS insertable
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
    AND ($1 OR n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')) AND ($2::text IS NULL OR n.nspname = $2)
  ORDER BY n.nspname, c.relname`;

/** Every table of the session's database and scope, by name. Majors 14 to 18. */
export async function readTables(
  client: Client,
  { withSystem = false, schema = null }: Scope,
): Promise<readonly TableFacts[]> {
  return (await client.query<TableFacts>(query, [withSystem, schema])).rows;
}
