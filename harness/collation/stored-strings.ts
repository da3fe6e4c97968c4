import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import * as z from 'zod';

const corporaDirectory = join(import.meta.dirname, '..', '..', 'corpora');

/** Two strings that are known to have changed places somewhere. */
export interface Canary {
  readonly left: string;
  readonly right: string;
  readonly shows: string;
}

const canariesSchema = z.object({
  schemaVersion: z.literal(1),
  pairs: z.array(z.object({ left: z.string(), right: z.string(), shows: z.string() })).readonly(),
});

/** The canaries of `corpora/canaries`. */
export async function readCanaries(): Promise<readonly Canary[]> {
  const text = await readFile(join(corporaDirectory, 'canaries', 'pairs.json'), 'utf8');
  return canariesSchema.parse(JSON.parse(text)).pairs;
}

/** The names of `corpora/strings`: of regions, languages, currencies, months and days in many languages. */
export async function readNames(): Promise<readonly string[]> {
  const text = await readFile(join(corporaDirectory, 'strings', 'cldr-names.txt'), 'utf8');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('# '));
}
