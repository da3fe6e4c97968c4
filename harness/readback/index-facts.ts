import type { Client } from 'pg';

import type { Scope } from './scope.ts';

/** One key column of an index. */
export interface IndexKey {
  /** The column or expression, as SQL, with the index's collation where it has one. */
  readonly expression: string;
  /** `COLLATE "sv-x-icu"` or `the database's C.UTF-8`; null where the key is of no collatable type. */
  readonly collation: string | null;
  readonly isDescending: boolean;
  readonly hasNullsFirst: boolean;
  /** Operators of the index's own family, as in `OPERATOR(pg_catalog.=)`; null where it has none. */
  readonly equal: string | null;
  readonly less: string | null;
  readonly greater: string | null;
}

/** An index that can be checked. */
export interface IndexFacts {
  /** Without its schema. */
  readonly relationName: string;
  /** As SQL, with the schema where it needs one. */
  readonly name: string;
  readonly table: string;
  /** Its file in the data directory: `base/5/16400`. */
  readonly file: string;
  readonly isSystem: boolean;
  readonly method: string;
  /** Unique, or the index of an exclusion constraint. */
  readonly isUnique: boolean;
  /** False where uniqueness is looked at when a transaction ends. */
  readonly isImmediate: boolean;
  /** Whether a collation other than C decides about its keys, what these hold, or its expressions. */
  readonly isSensitive: boolean;
  /** As SQL; null where the index is of all rows. */
  readonly predicate: string | null;
  readonly keys: readonly IndexKey[];
  /** `CREATE INDEX ...` as the server tells it. */
  readonly definition: string;
}

/** Operators that find a key by itself, the surest first. */
const equalities = ['=', '~=', '@>', '@@'];

/** For btree by strategy, since `text_pattern_ops` has `~<~`; for others by name. */
function operator(names: readonly string[], strategy: number): string {
  const list = names.map((name) => `'${name}'`).join(', ');
  return `(SELECT format('OPERATOR(%I.%s)', n.nspname, o.oprname)
    FROM pg_amop AS a JOIN pg_operator AS o ON o.oid = a.amopopr JOIN pg_namespace AS n ON n.oid = o.oprnamespace
    WHERE a.amopfamily = c.opcfamily AND a.amoppurpose = 's' AND a.amoplefttype = c.opcintype
      AND (a.amoprighttype = c.opcintype OR o.oprname = '@@')
      AND CASE WHEN m.amname = 'btree' THEN a.amopstrategy = ${String(strategy)} ELSE o.oprname IN (${list}) END
    ORDER BY array_position(ARRAY[${list}], o.oprname::text) LIMIT 1)`;
}

/** Collations by bytes, which no library can change. */
const bytewise = `'C', 'POSIX', 'ucs_basic', 'pg_c_utf8', 'pg_unicode_fast'`;

/** Columns that not every major has are asked for by name. */
const databaseCollation = `(SELECT 'the database''s ' || coalesce(
    to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale', d.datcollate) FROM pg_database AS d WHERE d.datname = current_database())`;

const isDatabaseBytewise = `(SELECT coalesce(to_jsonb(d)->>'datlocprovider', 'c') = 'b' OR (
    coalesce(to_jsonb(d)->>'datlocprovider', 'c') = 'c' AND d.datcollate IN ('C', 'POSIX'))
  FROM pg_database AS d WHERE d.datname = current_database())`;

/**
 * The collations by which an index's keys are compared: their own, and those of the text that they hold as arrays, domains,
 * composites and ranges do. A btree puts jsonb in the order of the database.
 */
const heldCollations = `(WITH RECURSIVE part (type, collated) AS (
    SELECT a.atttypid, a.attcollation FROM pg_attribute AS a
    WHERE a.attrelid = i.indexrelid AND a.attnum <= i.indnkeyatts
    UNION
    SELECT inner_part.type, inner_part.collated FROM part JOIN pg_type AS pt ON pt.oid = part.type, LATERAL (
      SELECT pt.typelem, part.collated WHERE pt.typelem <> 0
      UNION ALL SELECT pt.typbasetype, part.collated WHERE pt.typbasetype <> 0
      UNION ALL SELECT pa.atttypid, pa.attcollation FROM pg_attribute AS pa
        WHERE pa.attrelid = pt.typrelid AND pa.attnum > 0 AND NOT pa.attisdropped
      UNION ALL SELECT rngsubtype, rngcollation FROM pg_range WHERE pt.oid IN (rngtypid, rngmultitypid)
      UNION ALL SELECT 'text'::regtype, '"default"'::regcollation WHERE pt.oid = 'jsonb'::regtype AND m.amname = 'btree'
    ) AS inner_part (type, collated)
  )
  SELECT collated FROM part)`;

const query = `
  SELECT r.relname AS "relationName", i.indexrelid::regclass::text AS name,
    i.indrelid::regclass::text AS table, pg_relation_filepath(i.indexrelid) AS file, n.nspname IN ('pg_catalog', 'pg_toast') AS "isSystem",
    m.amname AS method, i.indisunique OR i.indisexclusion AS "isUnique", i.indimmediate AS "isImmediate",
    pg_get_expr(i.indpred, i.indrelid) AS predicate, pg_get_indexdef(i.indexrelid) AS definition,
    EXISTS (
      SELECT FROM (
        ${heldCollations}
        UNION
        SELECT a.attcollation FROM pg_depend AS d
        JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
          AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
      ) AS own (collated) JOIN pg_collation AS used ON used.oid = own.collated
      WHERE used.collname NOT IN (${bytewise}) AND NOT (used.collname = 'default' AND ${isDatabaseBytewise})
    ) AS "isSensitive",
    (SELECT json_agg(json_build_object(
        'expression', CASE WHEN l.oid IS NULL THEN k.expression
          ELSE format('(%s COLLATE %I.%I)', k.expression, ln.nspname, l.collname) END,
        'collation', CASE WHEN l.oid IS NULL THEN NULL WHEN l.collname = 'default' THEN ${databaseCollation}
          ELSE 'COLLATE ' || l.oid::regcollation::text END,
        'isDescending', i.indoption[k.number - 1] & 1 = 1,
        'hasNullsFirst', i.indoption[k.number - 1] & 2 = 2,
        'equal', ${operator(equalities, 3)},
        'less', ${operator(['<'], 1)},
        'greater', ${operator(['>'], 5)}
      ) ORDER BY k.number)
      FROM (
        SELECT number, pg_get_indexdef(i.indexrelid, number, false) AS expression, i.indclass[number - 1] AS class,
          i.indcollation[number - 1] AS collation
        FROM generate_series(1, i.indnkeyatts) AS g (number)
      ) AS k
      JOIN pg_opclass AS c ON c.oid = k.class
      LEFT JOIN pg_collation AS l ON l.oid = k.collation
      LEFT JOIN pg_namespace AS ln ON ln.oid = l.collnamespace) AS keys
  FROM pg_index AS i
  JOIN pg_class AS r ON r.oid = i.indexrelid
  JOIN pg_class AS t ON t.oid = i.indrelid
  JOIN pg_namespace AS n ON n.oid = t.relnamespace
  JOIN pg_am AS m ON m.oid = r.relam
  WHERE r.relkind = 'i' AND i.indisvalid AND i.indisready AND r.relpersistence <> 't'
    AND ($1 OR n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')) AND ($2::text IS NULL OR n.nspname = $2)
  ORDER BY n.nspname, t.relname, r.relname`;

/** Every valid index of the session's database and scope, by table and name. Majors 14 to 18. */
export async function readIndexes(
  client: Client,
  { withSystem = false, schema = null }: Scope,
): Promise<readonly IndexFacts[]> {
  return (await client.query<IndexFacts>(query, [withSystem, schema])).rows;
}

/** The index in a few words: `index strings_key (btree on strings, COLLATE "C.utf8")`. */
export function indexWords({ name, method, table, keys }: IndexFacts): string {
  const collations = [...new Set(keys.flatMap(({ collation }) => collation ?? []))];
  return `index ${name} (${[`${method} on ${table}`, ...collations].join(', ')})`;
}

/** What every finding about an index has. */
export function indexDetails({ name, table, file, definition }: IndexFacts): {
  readonly index: string;
  readonly table: string;
  readonly file: string;
  readonly definition: string;
} {
  return { index: name, table, file, definition };
}
