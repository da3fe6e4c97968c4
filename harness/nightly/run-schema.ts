import * as z from 'zod';

import { type NightlyRun, nightlySchemaVersion } from './nightly-run.ts';

const words = z.string();
const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** How a run is named: its time and the beginning of a digest. */
export const runIdPattern = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z-[0-9a-f]{8}$/;

/** The form of a run's file. */
export const runSchema: z.ZodType<NightlyRun> = z.strictObject({
  schemaVersion: z.literal(nightlySchemaVersion),
  id: z.string().regex(runIdPattern),
  at: z.iso.datetime(),
  verdict: words,
  exitCode: z.int(),
  sentence: words,
  report: digest,
  redoubtVersion: words.nullable(),
  inputs: z.record(words, z.strictObject({ digest: words, words })),
  judged: z.array(words).readonly(),
  findings: z
    .array(
      z.strictObject({
        key: words,
        code: words,
        check: words,
        message: words,
        count: z.int().positive(),
        tolerance: z.enum(['accepted', 'warning']).nullable(),
      }),
    )
    .readonly(),
});

/** The form of the index: each run's file with its digest. */
export const indexSchema = z.strictObject({
  schemaVersion: z.literal(nightlySchemaVersion),
  runs: z
    .array(
      z.strictObject({
        id: z.string().regex(runIdPattern),
        at: z.iso.datetime(),
        verdict: words,
        exitCode: z.int(),
        sha256: digest,
      }),
    )
    .readonly(),
});

export type HistoryIndex = z.infer<typeof indexSchema>;
