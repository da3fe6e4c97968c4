import { RedoubtError } from '../error.ts';
import type { CollationProvider } from './locale-drift.ts';
import { canonicalIcuLocale, canonicalLibcLocale } from './locale-name.ts';

/** A locale by which some database orders strings. */
export interface LocaleInUse {
  readonly provider: CollationProvider;
  readonly locale: string;
}

const prefixes: readonly CollationProvider[] = ['libc', 'icu', 'builtin'];

/**
 * Reads `C.UTF-8,sv_SE.UTF-8,und,de-u-co-phonebk`. `libc:`, `icu:` or `builtin:` before a name says whose it is; without it
 * names as glibc writes them (C, POSIX, with a territory behind `_`, an encoding behind `.`) are the C library's and others
 * libicu's. Throws `invalid-locales` (usage).
 */
export function parseLocalesInUse(option: string, typed: string): readonly LocaleInUse[] {
  const words = typed
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (words.length === 0) throw invalid(`${option} names nothing`);
  const locales = words.map((word) => {
    const [, prefix, rest = ''] = /^([a-z]+):(.*)$/.exec(word) ?? [undefined, undefined, word];
    const provider = prefix === undefined ? providerOf(rest) : prefixes.find((each) => each === prefix);
    if (provider === undefined || !/^[A-Za-z][A-Za-z0-9._@=;-]*$/.test(rest))
      throw invalid(`${option} ${word}: not the name of a locale`);
    return localeInUse(provider, rest);
  });
  return withoutRepetitions(locales);
}

/** As it can be typed: `libc:C.UTF-8`. */
export function nameOfLocale({ provider, locale }: LocaleInUse): string {
  return `${provider}:${locale}`;
}

/** Spelt as reports spell it. */
export function localeInUse(provider: CollationProvider, locale: string): LocaleInUse {
  if (provider === 'libc') return { provider, locale: canonicalLibcLocale(locale) };
  return { provider, locale: provider === 'icu' ? canonicalIcuLocale(locale) : locale };
}

/** Each once, in the order of the first mention. */
export function withoutRepetitions(locales: readonly LocaleInUse[]): readonly LocaleInUse[] {
  return [...new Map(locales.map((each) => [`${each.provider} ${each.locale}`, each])).values()];
}

function providerOf(name: string): CollationProvider {
  return /^(?:C|POSIX)$|^[A-Za-z]+_[A-Z]{2}|\./.test(name) ? 'libc' : 'icu';
}

function invalid(message: string): RedoubtError {
  return new RedoubtError('usage', 'invalid-locales', message, {
    remedy: 'Write locales with commas: --locales C.UTF-8,sv_SE.UTF-8,und,icu:de-u-co-phonebk.',
  });
}
