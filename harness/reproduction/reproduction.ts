import { z } from 'zod';

import { RedoubtError } from '../error.ts';

const side = z.strictObject({
  /** As `--from` and `--to` take it. */
  name: z.string(),
  libc: z.string(),
  icu: z.string().nullable(),
  /** As PostgreSQL records it; null where it records none. */
  collversion: z.string().nullable(),
  /** The composition whose server ran; null where order was asked of the libraries alone. */
  server: z.string().nullable(),
});

const shownString = z.strictObject({ text: z.string().min(1), codePoints: z.array(z.string()) });
const comparison = z.enum(['<', '=', '>']);

/** `environments.json` of a reproduction's folder. */
export const reproductionSchema = z.strictObject({
  schemaVersion: z.literal(1),
  provider: z.enum(['libc', 'icu']),
  locale: z.string().regex(/^[A-Za-z][A-Za-z0-9._@=;-]*$/),
  /** PostgreSQL's name of the database's encoding. */
  encoding: z.string().regex(/^[A-Z0-9_]+$/),
  /** `equality`: for nondeterministic collations, which do not look at bytes. */
  topic: z.enum(['order', 'equality']),
  left: shownString,
  right: shownString,
  /** How the left one compares with the right one. */
  compared: z.strictObject({ from: comparison, to: comparison }),
  /** Whether PostgreSQL would warn of another version. */
  warned: z.boolean(),
  /** Whose libraries of a bundle; null for those of its newest major. */
  major: z.number().int().nullable(),
  from: side,
  to: side,
});

/** Two strings, one table, one index: all that shows a drift. */
export type Reproduction = z.infer<typeof reproductionSchema>;

/** The files of a reproduction's folder. */
export const reproductionFiles = {
  environments: 'environments.json',
  sql: 'reproduce.sql',
  expected: 'expected.txt',
  seen: 'seen.txt',
  command: 'reproduce.sh',
} as const;

/** Reads `environments.json`. Throws `reproduction-invalid` (usage). */
export function parseReproduction(text: string, path: string): Reproduction {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(path, 'it is not JSON', cause);
  }
  const parsed = reproductionSchema.safeParse(value);
  if (!parsed.success) throw invalid(path, z.prettifyError(parsed.error), parsed.error);
  return parsed.data;
}

function invalid(path: string, why: string, cause: unknown): RedoubtError {
  return new RedoubtError('usage', 'reproduction-invalid', `${path} is no reproduction: ${why}`, {
    remedy: 'Name a folder that `redoubt shrink` wrote.',
    details: { path },
    cause,
  });
}
