import type { Client } from 'pg';

import type { PageKind } from '../../harness/page/kind.ts';

const kindOfMethod: Readonly<Record<string, PageKind>> = {
  heap: 'heap',
  btree: 'btree',
  hash: 'hash',
  gin: 'gin',
  gist: 'gist',
  spgist: 'spgist',
  brin: 'brin',
};

/** What the catalog of the connected database says of each of its relation files, by relfilenumber. */
export async function readPageKinds(client: Client): Promise<ReadonlyMap<number, PageKind>> {
  const { rows } = await client.query<{ relfilenumber: string; relkind: string; method: string | null }>(
    `SELECT pg_relation_filenode(c.oid) AS relfilenumber, relkind, amname AS method
       FROM pg_class c LEFT JOIN pg_am a ON a.oid = c.relam
      WHERE pg_relation_filenode(c.oid) IS NOT NULL AND relpersistence = 'p'`,
  );
  return new Map(
    rows.map(({ relfilenumber, relkind, method }) => [
      Number(relfilenumber),
      relkind === 'S' ? 'sequence' : (kindOfMethod[method ?? 'heap'] ?? 'other'),
    ]),
  );
}
