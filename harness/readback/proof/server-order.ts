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

/** How two servers put the same strings in order. */
export interface OrderChange {
  /** The numbers of the least strings without which both orders are the same. */
  readonly moved: ReadonlySet<number>;
  /** How many strings are on the other side of one of them. */
  readonly crossing: (number: number) => number;
}

/** Compares the orders of two servers. */
export function orderChange(from: Uint32Array, to: Uint32Array): OrderChange {
  const [before, after] = [inverse(from), inverse(to)];
  return {
    moved: new Set(movedStrings(from, after)),
    crossing: (number) => {
      const isBefore = (places: Uint32Array, other: number): boolean =>
        (places[other] ?? 0) < (places[number] ?? 0);
      return from.filter((other) => isBefore(before, other) !== isBefore(after, other)).length;
    },
  };
}
