import { z } from 'zod';

import type { OracleName } from '../verdict/event.ts';
import {
  absentHostSchema,
  bundleSchema,
  cellSchema,
  comparedSchema,
  count,
  findingSchema,
  hostSchema,
  optionsSchema,
  outcomeSchema,
  pinComparisonSchema,
  pinSchema,
  policySchema,
  skewSchema,
  tallySchema,
  tapeSchema,
  toleranceSchema,
  words,
} from './fact-schema.ts';

const verdict = z.enum(['compatible', 'incompatible', 'not judged']);

const reportCheckSchema = z.looseObject({
  id: words,
  promise: words.describe('One sentence that is true of a good bundle.'),
  outcome: outcomeSchema,
  reason: words.nullable(),
  compared: z.array(tallySchema),
  notes: z.array(words).default([]),
  evidence: z.exactOptional(words).describe("Folder of what was kept of it, relative to the report's."),
});

const reportCellSchema = z.looseObject({
  ...cellSchema.shape,
  verdict,
  pages: count.describe('Judged by recovery, as are the records.'),
  records: count,
  differences: count,
  checks: z.array(reportCheckSchema),
});

const countsSchema = z
  .looseObject({
    planned: count,
    run: count,
    passed: count,
    failed: count,
    accepted: count.default(0),
    notJudged: count,
  })
  .describe('Checks: planned = run + notJudged, run = passed + failed + accepted.');

const inputsSchema = z.looseObject({
  bundles: z.array(bundleSchema),
  hosts: z.array(hostSchema),
  absentHosts: z.array(absentHostSchema).default([]),
  tapes: z.array(tapeSchema),
  skews: z.array(skewSchema).default([]),
  options: optionsSchema.nullable(),
  policy: policySchema.nullable().default(null),
  pin: pinSchema
    .extend({ comparisons: z.array(pinComparisonSchema) })
    .nullable()
    .default(null),
});

const runSchema = z
  .looseObject({
    startedAt: words.nullable(),
    endedAt: words.nullable(),
    machine: words.nullable(),
    redoubtVersion: words.nullable().default(null),
    peakRssBytes: count.nullable().default(null),
    durationsMs: z.record(words, z.number().min(0)).default({}),
  })
  .describe('Times and names of machines stand here alone: all else is the same for the same inputs.');

const nothing = { pages: 0, records: 0, bytes: 0, masked: 0, checksummed: 0, named: {}, differences: 0 };
const compared = comparedSchema.default(nothing);

const comparisonsSchema = z
  .looseObject({
    recovery: compared,
    model: compared,
    image: compared,
    consistency: compared,
    hosts: compared,
    baseline: compared,
  } satisfies Record<OracleName, z.ZodType>)
  .describe('What was compared, by what compared it.');

/** The form of report.json, as `Report` (report.ts) has it. */
export const reportSchema = z.looseObject({
  schemaVersion: z.literal(1),
  verdict,
  exitCode: z.union([z.literal(0), z.literal(1), z.literal(3)]),
  sentence: words.describe('The verdict in one sentence: the suites judged, and the first cause.'),
  complete: z.boolean().default(true).describe('Whether the run came to its end.'),
  counts: countsSchema,
  majors: z.array(count),
  hosts: z.array(words),
  suites: z.array(words),
  pages: count,
  records: count,
  differences: count,
  compared: comparisonsSchema,
  pagesNotJudged: z.record(words, count),
  cells: z.array(reportCellSchema),
  findings: z.array(
    z.looseObject({
      check: words,
      ...findingSchema.shape,
      tolerance: z.exactOptional(toleranceSchema),
    }),
  ),
  inputs: inputsSchema,
  regression: z
    .exactOptional(z.unknown())
    .describe('On standard output of `redoubt regress` alone: what the suite itself put out.'),
  run: runSchema,
});
