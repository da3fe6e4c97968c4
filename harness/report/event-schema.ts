import { z } from 'zod';

import type { TimedEvent } from '../verdict/event.ts';
import {
  absentHostSchema,
  bundleSchema,
  cellSchema,
  checkSchema,
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

const at = z.iso.datetime().describe('When it happened, UTC.');

/** The form of each kind of line of events.ndjson. A line of another kind is passed over. */
export const eventSchemas = {
  'run-started': z.looseObject({
    at,
    type: z.literal('run-started'),
    schemaVersion: count,
    redoubtVersion: words,
    machine: words,
  }),
  policy: z.looseObject({ at, type: z.literal('policy'), policy: policySchema }),
  pin: z.looseObject({ at, type: z.literal('pin'), pin: pinSchema }),
  'pin-compared': z.looseObject({
    at,
    type: z.literal('pin-compared'),
    comparison: pinComparisonSchema,
  }),
  options: z.looseObject({ at, type: z.literal('options'), options: optionsSchema }),
  bundle: z.looseObject({ at, type: z.literal('bundle'), bundle: bundleSchema }),
  host: z.looseObject({ at, type: z.literal('host'), host: hostSchema }),
  'host-absent': z.looseObject({ at, type: z.literal('host-absent'), host: absentHostSchema }),
  skew: z.looseObject({ at, type: z.literal('skew'), skew: skewSchema }),
  tape: z.looseObject({ at, type: z.literal('tape'), tape: tapeSchema }),
  planned: z.looseObject({
    at,
    type: z.literal('planned'),
    cells: z.array(cellSchema),
    checks: z.array(checkSchema),
    leftOut: z.exactOptional(count),
  }),
  'check-started': z.looseObject({ at, type: z.literal('check-started'), check: words }),
  finding: z.looseObject({
    at,
    type: z.literal('finding'),
    check: words,
    finding: findingSchema,
    tolerance: z.exactOptional(toleranceSchema),
  }),
  'check-ended': z.looseObject({
    at,
    type: z.literal('check-ended'),
    check: words,
    outcome: outcomeSchema,
    reason: words.nullable(),
    tallies: z.array(tallySchema),
    notes: z.array(words).default([]),
    evidence: z.exactOptional(words),
    durationMs: z.number().min(0),
  }),
  'run-failed': z.looseObject({ at, type: z.literal('run-failed'), code: words, reason: words }),
  'run-ended': z.looseObject({
    at,
    type: z.literal('run-ended'),
    testsRun: count,
    peakRssBytes: count.default(0),
    digest: z.exactOptional(words.describe('SHA-256 of all lines before.')),
  }),
} as const satisfies Readonly<Record<TimedEvent['type'], z.ZodType>>;
