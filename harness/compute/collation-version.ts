import type { Client } from 'pg';

/** A collation that columns of the captured relations use, and the version that PostgreSQL noted for it. */
export interface CollationVersion {
  /** With its schema unless that is pg_catalog; `default` is the database's own. */
  readonly name: string;
  readonly provider: 'libc' | 'icu' | 'builtin';
  readonly locale: string;
  readonly deterministic: boolean;
  /** `collversion` or `datcollversion`; null where PostgreSQL keeps none (C, C.UTF-8 of libc, and databases before 15). */
  readonly version: string | null;
}

interface Row {
  readonly name: string;
  readonly provider: string;
  readonly locale: string;
  readonly deterministic: boolean;
  readonly version: string | null;
}

const providers: Readonly<Record<string, CollationVersion['provider']>> = {
  c: 'libc',
  i: 'icu',
  b: 'builtin',
};

/** The column that holds an ICU (17 and later: also a builtin) locale; before 15 it was collcollate for every provider. */
function localeColumns(major: number): { readonly collation: string; readonly database: string } {
  if (major >= 17) return { collation: 'co.colllocale', database: 'd.datlocale' };
  if (major >= 15) return { collation: 'co.colliculocale', database: 'd.daticulocale' };
  return { collation: 'NULL', database: 'NULL' };
}

/** The collations of the columns of all relations, and the database's own, by name. Majors 14 to 18. */
export async function readCollationVersions(
  client: Client,
  major: number,
): Promise<readonly CollationVersion[]> {
  const locale = localeColumns(major);
  const { rows } = await client.query<Row>(`
    SELECT CASE WHEN n.nspname = 'pg_catalog' THEN '' ELSE n.nspname || '.' END || co.collname AS name,
      co.collprovider::text AS provider,
      coalesce(${locale.collation}, co.collcollate) AS locale,
      co.collisdeterministic AS deterministic,
      co.collversion AS version
    FROM pg_collation AS co
    JOIN pg_namespace AS n ON n.oid = co.collnamespace
    WHERE co.collprovider <> 'd' AND EXISTS (SELECT FROM pg_attribute AS a WHERE a.attcollation = co.oid)
    UNION ALL
    SELECT 'default',
      ${major >= 15 ? 'd.datlocprovider::text' : "'c'"},
      coalesce(${locale.database}, d.datcollate::text),
      true,
      ${major >= 15 ? 'd.datcollversion' : 'NULL'}
    FROM pg_database AS d
    WHERE d.datname = current_database()`);
  return rows
    .map((row) => ({ ...row, provider: providers[row.provider] ?? 'libc' }))
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
}
