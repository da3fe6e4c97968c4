/** A name of a C library's locale, taken apart: `de_DE.utf8@euro`. */
interface LocaleParts {
  readonly language: string;
  readonly codeset: string;
  readonly modifier: string;
}

const pattern = /^([^.@]+)(?:\.([^@]+))?(?:@(.+))?$/;

/** Spelt as PostgreSQL's users spell it: `C.utf8` and `C.UTF-8` are both `C.UTF-8`. */
export function canonicalLibcLocale(name: string): string {
  const { language, codeset, modifier } = partsOf(name);
  const spelt = codeset === '' ? '' : `.${looseCodeset(codeset) === 'utf8' ? 'UTF-8' : codeset}`;
  return `${language}${spelt}${modifier === '' ? '' : `@${modifier}`}`;
}

/** Whether two names mean the same locale of the C library, codesets compared loosely as glibc does. */
export function sameLibcLocale(left: string, right: string): boolean {
  return looseName(left) === looseName(right);
}

/** Whether a name may mean a locale of another name: language, territory and modifier are the same. */
export function sameLibcLanguage(left: string, right: string): boolean {
  const [one, other] = [partsOf(left), partsOf(right)];
  return one.language === other.language && one.modifier === other.modifier;
}

/** Whether what a user asks for is this locale; `de_DE`, which is in ISO-8859-1, is meant by `de_DE.iso88591`, too. */
export function meansLibcLocale(asked: string, name: string, codeset: string): boolean {
  if (sameLibcLocale(asked, name)) return true;
  const isUnnamed = partsOf(name).codeset === '';
  return (
    isUnnamed &&
    sameLibcLanguage(asked, name) &&
    looseCodeset(partsOf(asked).codeset) === looseCodeset(codeset)
  );
}

/** ICU's root is written `und` by PostgreSQL, `root` or nothing by others. */
export function canonicalIcuLocale(name: string): string {
  const tag = name.replaceAll('_', '-').replace(/-x-icu$/, '');
  return tag.replace(/^(root|und)?(?=-|@|$)/i, 'und');
}

/**
 * The settings in an ICU locale's name but for its tailoring: `ks-level1` of `de-u-co-phonebk-ks-level1`, and `colStrength=primary` of
 * `de@collation=phonebook;colStrength=primary`, as PostgreSQL wrote them before 16.
 */
export function icuSettings(tag: string): string {
  const [, settings = ''] = /(?:-u-|@)(.*)$/.exec(tag) ?? [];
  return settings.replace(/(^|-)co-[a-z0-9]+/, '').replace(/(^|;)collation=[^;]*;?/i, '$1');
}

/** The language and territory of an ICU locale's name, without settings. */
export function icuBase(tag: string): string {
  return tag.replace(/(-u-|@).*$/, '').toLowerCase();
}

/** glibc ignores case and punctuation in codesets. */
function looseCodeset(codeset: string): string {
  return codeset.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

function looseName(name: string): string {
  const { language, codeset, modifier } = partsOf(name);
  return `${language}.${looseCodeset(codeset)}@${modifier}`;
}

function partsOf(name: string): LocaleParts {
  const [, language = name, codeset = '', modifier = ''] = pattern.exec(name) ?? [];
  return { language, codeset, modifier };
}
