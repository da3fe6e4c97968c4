import type { Client } from 'pg';

import { inverse, movedStrings } from '../../collation/total-order.ts';

/** The numbers of the strings in the order in which a server puts them under a collation. */
export async function serverOrder(
  client: Client,
  collation: string,
  strings: readonly string[],
): Promise<Uint32Array> {
  const { rows } = await client.query<{ readonly numbers: string }>(
    `SELECT string_agg(number::text, ' ' ORDER BY string COLLATE ${collation}, string COLLATE "C") AS numbers
     FROM unnest($1::text[]) WITH ORDINALITY AS given (string, number)`,
    [strings],
  );
  return Uint32Array.from(
    (rows[0]?.numbers ?? '').split(' ').filter(Boolean),
    (number) => Number(number) - 1,
  );
}

/** The numbers of the least strings without which both orders are the same. */
export function movedBetween(from: Uint32Array, to: Uint32Array): ReadonlySet<number> {
  return new Set(movedStrings(from, inverse(to)));
}
