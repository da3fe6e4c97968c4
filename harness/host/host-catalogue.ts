import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { RedoubtError } from '../error.ts';

const libc = z.strictObject({
  kind: z.enum(['glibc', 'musl']),
  /** Null while it still moves. */
  version: z
    .string()
    .regex(/^\d+\.\d+(\.\d+)?$/)
    .nullable(),
});

/** How a host is had: made of Debian's packages, or the root of an image. Both engines enter the same root. */
const source = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('debian'), suite: z.string().regex(/^[a-z]+$/) }),
  z.strictObject({ kind: z.literal('image'), reference: z.string().regex(/^[a-z0-9./-]+:[\w.-]+$/) }),
]);

const row = z.strictObject({
  name: z.string().regex(/^[a-z]+:[a-z0-9.]+$/),
  /** `always` and `where it can be had` belong to a run that names no hosts. */
  judged: z.enum(['always', 'where it can be had', 'on request']),
  libc,
  supportEnds: z.iso.date().nullable(),
  source,
});

const catalogue = z.strictObject({
  schemaVersion: z.literal(1),
  hosts: z
    .array(row)
    .refine((rows) => new Set(rows.map(({ name }) => name)).size === rows.length, 'two hosts have one name'),
});

/** A distro that Redoubt knows: what it must be, and where it comes from (`corpora/hosts.json`). */
export type CatalogueHost = Readonly<z.infer<typeof row>>;
const path = join(import.meta.dirname, '../../corpora/hosts.json');

/** Reads a catalogue's text. Throws `hosts-invalid` (infrastructure) that names the field. */
export function parseHostCatalogue(text: string): readonly CatalogueHost[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(`it is no JSON (${String(cause)})`);
  }
  const parsed = catalogue.safeParse(value);
  if (parsed.success) return parsed.data.hosts;
  throw invalid(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
}

const hosts = parseHostCatalogue(readFileSync(path, 'utf8'));

/** Every host that Redoubt knows, whether it can be had here or not. */
export function catalogueHosts(): readonly CatalogueHost[] {
  return hosts;
}

/** The host of a name; undefined for a name that somebody made up. */
export function catalogueHost(name: string): CatalogueHost | undefined {
  return hosts.find((host) => host.name === name);
}

function invalid(why: string): RedoubtError {
  return new RedoubtError('infrastructure', 'hosts-invalid', `corpora/hosts.json: ${why}`);
}
