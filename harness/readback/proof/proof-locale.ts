import type { CollationProvider } from '../../collation/locale-drift.ts';
import { canonicalIcuLocale } from '../../collation/locale-name.ts';

/** A locale under which a data directory is made. */
export interface ProofLocale {
  readonly provider: CollationProvider;
  /** As the provider's library wants it: `sv_SE.utf8`, `und`, `C.UTF-8`. */
  readonly locale: string;
}

/** A collation of the proof's own, beside the database's default. */
export interface ProofCollation {
  readonly name: string;
  /** The statement that makes it. */
  readonly create: string;
  readonly isDeterministic: boolean;
}

/** The options of CREATE DATABASE under which the locale is the database's own. */
export function databaseOptions({ provider, locale }: ProofLocale): string {
  const name = literal(wanted(provider, locale));
  switch (provider) {
    case 'libc':
      return `LOCALE_PROVIDER libc LOCALE ${name}`;
    case 'icu':
      // Without a language ICU asks libc for nothing that any library could change.
      return `LOCALE_PROVIDER icu ICU_LOCALE ${name} LOCALE 'C'`;
    case 'builtin':
      return `LOCALE_PROVIDER builtin BUILTIN_LOCALE ${name} LOCALE 'C'`;
  }
}

/** The locale as a collation for columns; for ICU also one that ignores case and accents, as people use it for searching. */
export function proofCollations({ provider, locale }: ProofLocale): readonly ProofCollation[] {
  const make = (name: string, text: string, isDeterministic: boolean): ProofCollation => ({
    name,
    create: `CREATE COLLATION ${name} (provider = ${provider}, locale = ${literal(text)}${isDeterministic ? '' : ', deterministic = false'})`,
    isDeterministic,
  });
  const named = make('proof', wanted(provider, locale), true);
  return provider === 'icu'
    ? [named, make('proof_loose', looseLocale(wanted(provider, locale)), false)]
    : [named];
}

/** The locale with a strength of letters alone, unless it has a strength already. */
function looseLocale(locale: string): string {
  if (/-ks-/.test(locale)) return locale;
  return locale.includes('-u-') ? `${locale}-ks-level1` : `${locale}-u-ks-level1`;
}

/** ICU's locales as PostgreSQL takes them, whatever the user wrote. */
function wanted(provider: CollationProvider, locale: string): string {
  return provider === 'icu' ? canonicalIcuLocale(locale) : locale;
}

/** A string as an SQL literal. */
export function literal(text: string): string {
  const escaped = text.replaceAll("'", "''");
  return text.includes('\\') ? `E'${escaped.replaceAll('\\', '\\\\')}'` : `'${escaped}'`;
}
