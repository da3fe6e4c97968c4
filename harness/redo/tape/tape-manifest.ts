import { z } from 'zod';

import { RedoubtError } from '../../error.ts';

export const tapeFiles = {
  manifest: 'manifest.json',
  requests: 'requests',
  index: 'index',
  oracle: 'oracle',
  storage: 'storage',
} as const;

const oid = z.int().min(0).max(0xffff_ffff);
const count = z.int().min(0);
const fileFacts = z.strictObject({ bytes: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) });

const keyColumn = z.strictObject({
  name: z.string(),
  type: z.string(),
  lengthBytes: z.int().min(-2),
  align: z.enum(['c', 's', 'i', 'd']),
  collation: z.string().nullable(),
  isIncluded: z.boolean(),
});

const tapeRelation = z.strictObject({
  spcOid: oid,
  dbOid: oid,
  relNumber: oid,
  /** `public.words_sv_idx`. */
  name: z.string(),
  /** Access method or kind: `heap`, `btree`, `sequence`, `toast`, ... */
  kind: z.string(),
  collations: z.array(z.string()),
  /** Of an index, where they are known. */
  columns: z.array(keyColumn).optional(),
});

const tapeOrigin = z.strictObject({
  /** Which modifications the WAL carries; a bundle and the WAL that it replays belong to one flavour. */
  flavour: z.enum(['vanilla', 'neon']),
  major: z.int().min(14).max(99),
  serverVersion: z.string(),
  systemIdentifier: z.string().regex(/^\d{1,20}$/),
  timeline: z.int().min(1),
  /** First record read. */
  startLsn: count,
  /** End of the shutdown checkpoint record: where reading and the oracle ended. */
  endLsn: count,
  fullPageWrites: z.boolean(),
  checksums: z.boolean(),
  workload: z.string(),
  collations: z.array(
    z.strictObject({ name: z.string(), provider: z.string(), version: z.string().nullable() }),
  ),
  relations: z.array(tapeRelation),
});

const tapeCounts = z.strictObject({
  requests: count,
  /** ApplyRecord messages, once per (page, request). */
  records: count,
  requestsOnPushedBase: count,
  recordsOnPushedBase: count,
  /** Requests that the oracle judges, and by fork those that it does not. */
  judged: count,
  notJudged: z.record(z.string(), count),
  /** Records of pages whose relation was dropped or truncated later in the same WAL. */
  recordsOfRemovedPages: count,
  /** Pages of the oracle that no record touched, all seen to equal the base. */
  untouchedPages: count,
});

const kindCount = z.strictObject({
  rmgr: z.string(),
  kind: z.string(),
  records: count,
  blockReferences: count,
});

const tapeManifest = tapeOrigin.extend({
  /** 1 without a `storage`, 2 with one, both without columns of indexes; 3 with or without either. */
  schemaVersion: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  counts: tapeCounts,
  /** All records of the WAL by kind, as pg_waldump names them; absent where a tape was not made of WAL. */
  kinds: z.array(kindCount).optional(),
  files: z.strictObject({
    requests: fileFacts,
    index: fileFacts,
    oracle: fileFacts,
    /** What a pageserver knows besides pages; in tapes whose WAL begins with initdb's data directory. */
    storage: fileFacts.optional(),
  }),
});

/** What is written now. */
export const tapeSchemaVersion = 3;

/** A relation as people know it, so that a finding can name it. */
export type TapeRelation = z.infer<typeof tapeRelation>;
/** Where the WAL of a tape came from. */
export type TapeOrigin = z.infer<typeof tapeOrigin>;
/** What a tape holds, counted while it was made. */
export type TapeCounts = z.infer<typeof tapeCounts>;
export type TapeManifest = z.infer<typeof tapeManifest>;

/**
 * Reads a tape's manifest.json.
 * @throws RedoubtError `tape-newer`, or `tape-invalid` with the field that is wrong.
 */
export function parseTapeManifest(text: string, path: string): TapeManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw tapeInvalid(path, 'it is not JSON');
  }
  const version = z.looseObject({ schemaVersion: z.int() }).safeParse(value);
  if (version.success && version.data.schemaVersion > tapeSchemaVersion) {
    throw new RedoubtError(
      'infrastructure',
      'tape-newer',
      `${path} has schema version ${String(version.data.schemaVersion)}, this Redoubt reads 1 to ${String(tapeSchemaVersion)}`,
      { remedy: 'Replay it with the Redoubt that made it, or capture it again.' },
    );
  }
  const manifest = tapeManifest.safeParse(value);
  if (manifest.success) {
    const { schemaVersion, files } = manifest.data;
    if (schemaVersion === 3 || (schemaVersion === 2) === (files.storage !== undefined)) return manifest.data;
    throw tapeInvalid(path, `files.storage does not belong to schema version ${String(schemaVersion)}`);
  }
  const issue = manifest.error.issues[0];
  throw tapeInvalid(path, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unknown'}`);
}

/** The error for a tape that is not what was written. */
export function tapeInvalid(path: string, what: string): RedoubtError {
  return new RedoubtError('infrastructure', 'tape-invalid', `damaged tape: ${path}: ${what}`, {
    remedy: 'Take a fresh copy, or make it again with `redoubt capture`.',
    details: { path },
  });
}
