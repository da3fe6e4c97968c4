import { z } from 'zod';

import { tapeInvalid } from './tape-manifest.ts';

/*
 * What a pageserver knows of a cluster besides its pages, all of it out of the WAL: with the answers of walredo and the data
 * directory of initdb it makes a data directory that a server can open.
 */

const uint32 = z.int().min(0).max(0xffff_ffff);
const bytes = z.base64().transform((text): Buffer => Buffer.from(text, 'base64'));
const slruPage = z.strictObject({ page: uint32, bytes });

const mapChange = z.strictObject({
  kind: z.enum(['clear', 'truncate']),
  heapBlock: uint32,
  /** Those that are cleared; 0 for a truncation. */
  bits: z.int().min(0).max(3),
});

const tapeStorage = z.strictObject({
  /** SHA-256 over the relation pages of the base. */
  baseDigest: z.string().regex(/^[0-9a-f]{64}$/),
  /** Every fork that there is in the end: tablespace, database, relation, fork, pages, and how many are the base's. */
  forks: z.array(z.tuple([uint32, uint32, uint32, uint32, uint32, uint32])),
  /** Folders of databases, by tablespace. */
  databases: z.array(z.tuple([uint32, uint32])),
  tablespaces: z.array(uint32),
  relationMaps: z.array(z.strictObject({ spcOid: uint32, dbOid: uint32, bytes })),
  /** What happens to a page of the visibility map behind its last request. */
  mapChanges: z.array(
    z.strictObject({
      spcOid: uint32,
      dbOid: uint32,
      relNumber: uint32,
      blockNumber: uint32,
      changes: z.array(mapChange),
    }),
  ),
  statuses: z.strictObject({
    pg_xact: z.array(slruPage),
    'pg_multixact/offsets': z.array(slruPage),
    'pg_multixact/members': z.array(slruPage),
  }),
  /** A CheckPoint (catalog/pg_control.h), but for its redo pointer. */
  checkpoint: bytes,
  /** What the primary's tables held, page by page: block, rows, and a hash over them. */
  contents: z.strictObject({
    database: z.string(),
    tables: z
      .array(
        z.strictObject({
          table: z.string(),
          blocks: z.array(z.tuple([uint32, uint32, z.string()]).readonly()).readonly(),
        }),
      )
      .readonly(),
  }),
});

/** What a pageserver knows of a cluster besides its pages. */
export type TapeStorage = z.output<typeof tapeStorage>;
export type MapChange = z.output<typeof mapChange>;

/** Reads a tape's `storage`. Throws `tape-invalid` with the field that is wrong. */
export function parseTapeStorage(text: string, path: string): TapeStorage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw tapeInvalid(path, 'it is not JSON');
  }
  const storage = tapeStorage.safeParse(value);
  if (storage.success) return storage.data;
  const issue = storage.error.issues[0];
  throw tapeInvalid(path, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unknown'}`);
}

/** The text of a tape's `storage`: bytes as base64. */
export function formatTapeStorage(storage: TapeStorage): string {
  const text = JSON.stringify(storage, (_, value: unknown) =>
    isBufferObject(value) ? Buffer.from(value.data).toString('base64') : value,
  );
  return `${text}\n`;
}

/** What JSON.stringify makes of a Buffer before it asks. */
function isBufferObject(value: unknown): value is { readonly data: readonly number[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    value.type === 'Buffer' &&
    'data' in value
  );
}
