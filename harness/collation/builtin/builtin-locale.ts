import { sameLibcLocale } from '../locale-name.ts';

/** A locale of PostgreSQL's own provider whose cases and classes are those of the server's Unicode tables. */
export interface BuiltinLocale {
  /** As the server has it. */
  readonly name: string;
  /** The major that brought it. */
  readonly since: number;
}

const locales: readonly BuiltinLocale[] = [
  { name: 'C.UTF-8', since: 17 },
  { name: 'PG_UNICODE_FAST', since: 18 },
];

/** The locale of a name, however it is spelt; undefined for `C`, which knows ASCII alone. */
export function builtinLocale(name: string): BuiltinLocale | undefined {
  return locales.find((locale) => sameLibcLocale(name, locale.name));
}

/** A collation of it, in SQL; text of it needs no database of its own. */
export function createBuiltinCollation(collation: string, { name }: BuiltinLocale): string {
  return `CREATE COLLATION ${collation} (provider = builtin, locale = '${name}')`;
}
