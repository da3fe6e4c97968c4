import { z } from 'zod';

import type { Finding } from '../verdict/finding.ts';

/*
 * What events.ndjson and report.json have in common. A schema says what a reader may rely on: what is not named may be there
 * all the same, and is passed over. A field that was added later has a default, so that older files of the same version
 * open.
 */

export const count = z.int().min(0);
export const words = z.string();
const named = z.record(words, count).describe('Pages by the class of a known, harmless difference.');

/** What one check compared by one oracle, without the oracle's name. */
export const comparedSchema = z.looseObject({
  pages: count,
  records: count,
  bytes: count,
  masked: count.default(0).describe('Pages equal only under the mask that PostgreSQL itself defines.'),
  checksummed: count.default(0).describe('Pages equal once pd_checksum is computed.'),
  named: named.default({}),
  differences: count,
});

export const tallySchema = z.looseObject({
  oracle: words.describe('What compared the pages: recovery, model, image, consistency, hosts, baseline.'),
  ...comparedSchema.shape,
});

export const bundleSchema = z.looseObject({
  role: z.enum(['candidate', 'baseline']),
  name: z.exactOptional(words).describe('By which cells name it; absent where a run has one candidate.'),
  source: words,
  digest: words.describe('SHA-256 of the tarball or of the folder.'),
  layout: words,
  flavour: words.default('unknown'),
  servers: z.record(words, words).describe('`postgres --version` by major.'),
  notes: z.exactOptional(z.array(words)),
});

export const hostSchema = z.looseObject({
  name: words,
  engine: words,
  packages: z.record(words, words),
  libc: words.default('unknown'),
  archive: z.exactOptional(z.looseObject({ path: words, digest: words.nullable() })),
});

export const absentHostSchema = z.looseObject({ name: words, reason: words });

export const tapeSchema = z.looseObject({
  variant: z.exactOptional(
    z.looseObject({ bundle: z.exactOptional(words), workload: z.exactOptional(words) }),
  ),
  label: words,
  digest: words,
  major: count,
  compute: words.nullable(),
  serverVersion: words,
  flavour: words.default('unknown'),
  fullPageWrites: z.boolean(),
  checksums: z.boolean().default(false),
  workload: words,
  requests: count,
  records: count,
  requestsOnPushedBase: count.default(0),
  recordsOnPushedBase: count.default(0),
  notJudged: z.record(words, count).describe('Pages that no oracle judges, by fork.'),
  startLsn: words,
  endLsn: words,
  directory: words,
});

export const skewSchema = z.looseObject({
  variant: z.exactOptional(
    z.looseObject({
      bundle: z.exactOptional(words),
      compute: z.exactOptional(words),
      workload: z.exactOptional(words),
    }),
  ),
  major: count,
  wal: words,
  bundle: words,
  tapes: z.array(words),
});

const matrixSchema = z.looseObject({
  bundles: z.array(words),
  computeImages: z.array(words),
  workloads: z.array(words),
  plan: words.describe('Digest of every cell and of what is put into it.'),
  shard: z
    .exactOptional(z.looseObject({ index: count, count }))
    .describe('The part of the plan that the run has.'),
});

export const optionsSchema = z.looseObject({
  suites: z.array(words),
  majors: z.array(count),
  hosts: z.array(words),
  engine: words,
  initdbMatrix: z.exactOptional(words),
  kernelFloor: z.exactOptional(z.boolean()),
  answerTimeoutMs: z.exactOptional(count),
  locales: z
    .exactOptional(z.array(words))
    .describe('In use, as the user says: `libc:C.UTF-8`; absent: those of the workloads.'),
  only: z
    .exactOptional(words)
    .describe('Which checks were asked for, where not all were; completes "only those that".'),
  matrix: z.exactOptional(matrixSchema),
});

const code = words
  .regex(/^[a-z0-9]+([-.][a-z0-9]+)*$/)
  .describe('Stable; explained in docs/findings.md.') as z.ZodType<Finding['code']>;

const acceptedSchema = z.looseObject({
  code,
  check: words.describe('Ids of the checks that may find it; `*` stands for any characters.'),
  message: z.exactOptional(words),
  reason: words,
  owner: words,
  expires: words.describe('The last day, UTC.'),
});

export const policySchema = z.looseObject({
  path: words,
  digest: words,
  date: words,
  warnings: z.array(code),
  accepted: z.array(acceptedSchema),
});

export const pinSchema = z.looseObject({
  path: words,
  bundle: words.describe('SHA-256 of the pinned bundle.'),
  name: words,
  report: words.describe('SHA-256 of the report.json that approved it.'),
  reviewers: z.array(words),
});

export const pinComparisonSchema = z.looseObject({
  bundle: z.exactOptional(words).describe('By which cells name it; absent where a run has one candidate.'),
  major: count,
  evidence: words.describe('How it is known whether order changes.'),
  statements: z.array(
    z.looseObject({
      subject: words,
      isSame: z.boolean(),
      code: code.nullable().describe('The finding that it is; null for what does not fail.'),
      words,
    }),
  ),
});

export const toleranceSchema = z
  .discriminatedUnion('kind', [
    z.looseObject({
      kind: z.literal('accepted'),
      entry: count,
      reason: words,
      owner: words,
      expires: words,
    }),
    z.looseObject({ kind: z.literal('warning') }),
  ])
  .describe('Why a finding does not fail its check; absent when it does.');

export const cellSchema = z.looseObject({
  id: words.describe('Stable, and unique in a run: `pg17/debian:12/walredo`.'),
  major: count,
  host: words,
  suite: words,
  bundle: z.exactOptional(words),
  compute: z.exactOptional(words),
  workload: z.exactOptional(words),
});

export const checkSchema = z.looseObject({
  id: words.describe("The cell's id and the promise's: `pg17/debian:12/walredo/recovery-records`."),
  cell: words,
  promise: words.describe('One sentence that is true of a good bundle.'),
});

export const outcomeSchema = z
  .enum(['passed', 'failed', 'accepted', 'not judged'])
  .describe('`accepted`: something was found, and the policy lets all of it stand.');

const fieldSchema = z.looseObject({
  offset: count,
  length: count,
  field: words.describe("PostgreSQL's own name of it."),
  expected: words.describe('Bytes as hex.'),
  actual: words,
});

const recordSchema = z.looseObject({ endLsn: words, rmgr: words, kind: words });

const pageSchema = z.looseObject({
  relation: words,
  page: words,
  kind: words,
  tape: words,
  request: count,
  origin: words,
  firstLsn: words,
  lastLsn: words,
  differenceClass: words,
  bytesDiffering: count,
  fields: z.array(fieldSchema),
  recordCount: count,
  records: z.array(recordSchema),
  parting: z
    .exactOptional(z.looseObject({ ...recordSchema.shape, number: count }))
    .describe("The first record after which the page differs from the other side's; counted from 1."),
  files: words
    .nullable()
    .describe("Folder with `requests`, `expected.page` and `actual.page`, relative to the report's."),
});

const collversion = words.nullable();
const sameness = z.enum(['same', 'changed', 'unknown']);
const exampleString = z.looseObject({ text: words, codePoints: z.array(words) });

const driftSchema = z.looseObject({
  provider: words,
  locales: z.array(words),
  from: words.describe("The library of the compute image: `libicu 72.1 of debian:12`; `to` is the bundle's."),
  to: words,
  order: sameness,
  equality: sameness,
  alarm: words.describe('Whether PostgreSQL would warn: `silent` when it would not.'),
  collversion: z.looseObject({ from: collversion, to: collversion }),
  codePointsMoved: count,
  assignedInBothMoved: count,
  everydayMoved: count,
  everydayStrings: count,
  equalityStrings: count,
  scripts: z.record(words, count),
  classes: z.array(z.looseObject({ name: words, order: words, strings: count })),
  examples: z.array(
    z.looseObject({ kind: words, left: exampleString, right: exampleString, from: words, to: words }),
  ),
});

export const findingSchema = z.looseObject({
  code,
  message: words,
  page: z.exactOptional(pageSchema),
  drift: z.exactOptional(driftSchema),
  details: z.exactOptional(z.record(words, z.union([words, z.number(), z.array(words)]))),
});
