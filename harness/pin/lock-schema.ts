import * as z from 'zod';

import { findingCodes } from '../verdict/finding-code.ts';
import { type BundleLock, lockSchemaVersion } from './bundle-lock.ts';

const word = z.string().max(4000);
const words = z.array(word).readonly();
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const shortDigest = z.string().regex(/^[0-9a-f]{16}$/);

const library = z.strictObject({ version: word.nullable(), package: word.nullable(), sha256: digest });

const initdb = z.strictObject({
  host: word.nullable(),
  settings: z.record(word, word),
  databases: z.record(word, word),
  collations: z
    .array(
      z.strictObject({
        provider: word,
        version: word.nullable(),
        count: z.int().nonnegative(),
        names: shortDigest,
      }),
    )
    .readonly(),
  relations: digest,
});

const order = z.strictObject({
  provider: z.enum(['libc', 'icu']),
  locale: word,
  collversion: word.nullable(),
  pairs: z.string().regex(/^[<>]*$/),
});

const major = z.strictObject({
  major: z.int().positive(),
  server: z.strictObject({
    version: word,
    sha256: digest,
    catalogVersion: z.int().nullable(),
    sizes: word.nullable(),
  }),
  libicu: library.nullable(),
  libc: library.nullable(),
  collversions: z.strictObject({ libc: word.nullable(), icuRoot: word.nullable() }),
  locales: shortDigest.nullable(),
  libraries: z.record(word, library),
  initdb: initdb.nullable(),
  order: z.array(order).readonly(),
});

const approval = z.strictObject({
  report: digest,
  sentence: word,
  redoubtVersion: word.nullable(),
  suites: words,
  hosts: words,
  computeImages: words,
  policy: digest.nullable(),
  accepted: z
    .array(
      z.strictObject({
        code: z.enum(findingCodes),
        check: word,
        message: word.exactOptional(),
        reason: word,
        owner: word,
        expires: z.iso.date(),
      }),
    )
    .readonly(),
});

/** The form of bundle.lock.json but for its digest over itself. */
export const lockSchema: z.ZodType<BundleLock> = z.strictObject({
  schemaVersion: z.literal(lockSchemaVersion),
  bundle: z.strictObject({ digest, layout: word, flavour: word, name: word }),
  reviewers: words,
  approved: approval,
  majors: z.array(major).min(1).readonly(),
  canaries: shortDigest,
  localeSets: z.record(shortDigest, z.record(word, z.string().regex(/^[0-9a-f]{16}\/[0-9a-f]{16}$/))),
});
