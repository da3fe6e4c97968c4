import type { Client } from 'pg';

/** A collation, or a database's own, whose recorded version is not the one that the server's libraries have. */
export interface VersionMismatch {
  readonly kind: 'collation' | 'database';
  readonly name: string;
  readonly provider: 'libc' | 'icu' | 'builtin';
  /** Null where none was recorded: then no server ever warns. */
  readonly recorded: string | null;
  readonly actual: string | null;
  /** Whether the session's database could use it: its encoding fits. */
  readonly isUsable: boolean;
}

interface Row {
  readonly kind: VersionMismatch['kind'];
  readonly name: string;
  readonly provider: string;
  readonly recorded: string | null;
  readonly actual: string | null;
  readonly usable: boolean;
}

const providers: Readonly<Record<string, VersionMismatch['provider']>> = {
  b: 'builtin',
  c: 'libc',
  i: 'icu',
};

/** From 15 on databases record a version, too; template0 has none on purpose. */
const databases = `
  UNION ALL
  SELECT 'database', datname, datlocprovider::text, datcollversion, pg_database_collation_actual_version(oid), true
  FROM pg_database
  WHERE datname <> 'template0' AND datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid)`;

/** Collations and databases recorded with another version than the server's libraries have, by name. Majors 14 to 18. */
export async function readVersionMismatches(
  client: Client,
  major: number,
): Promise<readonly VersionMismatch[]> {
  const { rows } = await client.query<Row>(`
    SELECT 'collation' AS kind, collname::text AS name, collprovider::text AS provider, collversion AS recorded,
      pg_collation_actual_version(oid) AS actual,
      collencoding IN (-1, (SELECT encoding FROM pg_database WHERE datname = current_database())) AS usable
    FROM pg_collation
    WHERE collprovider <> 'd' AND collversion IS DISTINCT FROM pg_collation_actual_version(oid)
    ${major >= 15 ? databases : ''}`);
  return rows
    .map(({ usable, provider, ...row }) => ({
      ...row,
      provider: providers[provider] ?? 'libc',
      isUsable: usable,
    }))
    .toSorted((left, right) => compare(left.kind, right.kind) || compare(left.name, right.name));
}

/** What the server says when a collation is used for the first time in a session; undefined when nothing. */
export async function warningOfUse(client: Client, collation: string): Promise<string | undefined> {
  const said: string[] = [];
  const listen = ({
    message,
    detail,
  }: {
    message?: string | undefined;
    detail?: string | undefined;
  }): void => {
    said.push([message, detail].filter((text) => text !== undefined).join('; '));
  };
  client.on('notice', listen);
  try {
    await client.query(`SELECT 'a' < 'b' COLLATE pg_catalog.${client.escapeIdentifier(collation)}`);
  } catch (error) {
    // A locale that the image lacks; what it says is the answer.
    said.push(error instanceof Error ? error.message : String(error));
  } finally {
    client.off('notice', listen);
  }
  return said[0];
}

function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
