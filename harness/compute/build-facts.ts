import { RedoubtError } from '../error.ts';

/** What a server says of how it was built; the same for all programs of one build. */
export interface BuildFacts {
  /** `SELECT version()`: distributor, compiler and all. */
  readonly version: string;
  /** `pg_config` without the paths, which depend on where it lies: name, value. */
  readonly config: Readonly<Record<string, string>>;
  /** Every setting that the server knows, with its type, default, bounds and words. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Answers one row with one column, a {@link BuildFacts} as JSON in hexadecimal; for 14 to 18, and in one line for single-user mode. */
export const buildFactsQuery = [
  'SELECT encode(convert_to(json_build_object(',
  "'version', version(),",
  "'config', (SELECT json_object_agg(name, setting) FROM pg_config()",
  " WHERE name IN ('CONFIGURE', 'CC', 'CPPFLAGS', 'CFLAGS', 'CFLAGS_SL', 'LDFLAGS', 'LDFLAGS_EX', 'LDFLAGS_SL', 'LIBS', 'VERSION')),",
  "'settings', (SELECT json_object_agg(name, concat_ws(' ', vartype, context, 'default', boot_val,",
  " 'from', min_val, 'to', max_val, 'of', enumvals::text)) FROM pg_settings WHERE category <> 'Customized Options')",
  ")::text, 'UTF8'), 'hex')",
].join('');

/** Reads the answer to {@link buildFactsQuery}. Throws `build-facts-invalid` (infrastructure). */
export function parseBuildFacts(hex: string): BuildFacts {
  try {
    const facts: unknown = JSON.parse(Buffer.from(hex.trim(), 'hex').toString('utf8'));
    if (isBuildFacts(facts)) return facts;
  } catch (cause) {
    throw invalid(cause);
  }
  throw invalid(undefined);
}

function isBuildFacts(value: unknown): value is BuildFacts {
  const { version, config, settings } = (value ?? {}) as Partial<Record<keyof BuildFacts, unknown>>;
  return typeof version === 'string' && isRecord(config) && isRecord(settings);
}

function isRecord(value: unknown): value is Readonly<Record<string, string>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((each) => typeof each === 'string')
  );
}

function invalid(cause: unknown): RedoubtError {
  return new RedoubtError(
    'infrastructure',
    'build-facts-invalid',
    'a server did not answer in the expected form how it was built',
    { cause },
  );
}
