import type { Assert } from '@japa/assert';
import type { Client } from 'pg';

import type { PageKind } from '../../harness/page/kind.ts';
import { layoutOf } from '../../harness/page/layout.ts';

/** A row as pg gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** A page to compare, and a server that has pageinspect. */
export interface Inspected {
  readonly client: Client;
  readonly assert: Assert;
  readonly page: Buffer;
  readonly where: string;
}

/** The rows of one query. */
export async function query(
  client: Client,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<readonly Row[]> {
  return (await client.query<Record<string, unknown>>(sql, [...parameters])).rows;
}

export function numberOrNull(value: unknown): number | null {
  return value === null ? null : Number(value);
}

export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** The fields of a page by name; the bytes of a name that occurs in pieces are joined. */
export class Fields {
  readonly #bytes = new Map<string, Buffer>();

  constructor(page: Buffer, kind: PageKind) {
    for (const { name, offset, length } of layoutOf(page, kind)) {
      const piece = page.subarray(offset, offset + length);
      this.#bytes.set(name, Buffer.concat([this.#bytes.get(name) ?? Buffer.alloc(0), piece]));
    }
  }

  bytes(name: string): Buffer {
    return this.#bytes.get(name) ?? Buffer.alloc(0);
  }

  /** A little-endian unsigned number of the field's own width; null when there is no such field. */
  number(name: string): number | null {
    const bytes = this.#bytes.get(name);
    return bytes === undefined ? null : bytes.readUIntLE(0, bytes.length);
  }

  /** An ItemPointerData as `(block,offset)`. */
  pointer(name: string): string | null {
    const bytes = this.#bytes.get(name);
    if (bytes === undefined) return null;
    return `(${bytes.readUInt16LE(0) * 0x1_0000 + bytes.readUInt16LE(2)},${bytes.readUInt16LE(4)})`;
  }
}

/** Every page of a fork, with what pageinspect says of its header. */
export async function readPages(
  client: Client,
  relation: string,
  fork: string,
): Promise<readonly { page: Buffer; block: number; header: Row }[]> {
  const rows = await query(
    client,
    `SELECT b AS block, raw AS page, (page_header(raw)).*
       FROM generate_series(0, pg_relation_size($1::text::regclass, $2::text) / 8192 - 1) b, get_raw_page($1::text, $2::text, b::int) raw`,
    [relation, fork],
  );
  return rows.map((row) => ({ page: row['page'] as Buffer, block: Number(row['block']), header: row }));
}
