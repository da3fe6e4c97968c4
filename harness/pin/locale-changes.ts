import { someOf } from '../bundle/files/file-fault.ts';

/** How the data of a bundle's locales changes. */
export interface LocaleChanges {
  readonly count: number;
  /** Undefined when nothing changes. */
  readonly words: string | undefined;
  /** Whether nothing that a database may use changes: there are new locales only. */
  readonly isHarmless: boolean;
  readonly details: readonly string[];
}

type LocaleSet = Readonly<Record<string, string>>;

/** Compares the digests of LC_COLLATE and LC_CTYPE, locale by locale. */
export function localeChanges(from: LocaleSet, to: LocaleSet): LocaleChanges {
  const both = Object.keys(from).filter((locale) => to[locale] !== undefined);
  const differing = (category: 0 | 1): readonly string[] =>
    both.filter((locale) => from[locale]?.split('/')[category] !== to[locale]?.split('/')[category]);
  const [collate, ctype] = [differing(0), differing(1)];
  const gone = Object.keys(from).filter((locale) => to[locale] === undefined);
  const added = Object.keys(to).filter((locale) => from[locale] === undefined);
  const words = [
    ...(collate.length === 0
      ? []
      : [`LC_COLLATE of ${String(collate.length)} of ${String(both.length)} changes (${someOf(collate)})`]),
    ...(ctype.length === 0
      ? []
      : [
          `LC_CTYPE, by which letters have their case, of ${String(ctype.length)} of ${String(both.length)} changes (${someOf(ctype)})`,
        ]),
    ...(gone.length === 0 ? [] : [`gone: ${someOf(gone)}`]),
    ...(added.length === 0 ? [] : [`new: ${someOf(added)}`]),
  ];
  return {
    count: Object.keys(to).length,
    words: words.length === 0 ? undefined : words.join('; '),
    isHarmless: collate.length + ctype.length + gone.length === 0,
    details: [
      ...collate.map((locale) => `LC_COLLATE ${locale}`),
      ...ctype.map((locale) => `LC_CTYPE ${locale}`),
      ...gone.map((locale) => `gone ${locale}`),
      ...added.map((locale) => `new ${locale}`),
    ],
  };
}
