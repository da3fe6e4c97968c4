import { posix } from 'node:path';

import { shown } from '../inventory/bundle-inventory.ts';
import { type FileFault, someOf } from './file-fault.ts';
import type { MajorFiles } from './major-files.ts';

/** What a compiled locale of glibc consists of (localedef(1)). */
const categories: readonly string[] = [
  'LC_ADDRESS',
  'LC_COLLATE',
  'LC_CTYPE',
  'LC_IDENTIFICATION',
  'LC_MEASUREMENT',
  'LC_MESSAGES/SYS_LC_MESSAGES',
  'LC_MONETARY',
  'LC_NAME',
  'LC_NUMERIC',
  'LC_PAPER',
  'LC_TELEPHONE',
  'LC_TIME',
];

/** The compiled locales of a major, and what libc it has them for. */
export interface Locales {
  /** Folders that hold locales as folders, and what is in each. */
  readonly folders: ReadonlyMap<string, readonly string[]>;
  /** `locale-archive` files, whose content is not looked at. */
  readonly archives: readonly string[];
  readonly libcVersion: string | undefined;
}

/** Finds the compiled locales of a major by their shape. */
export function findLocales({ entries, inventory }: MajorFiles): Locales {
  const folders = new Map<string, string[]>();
  const archives: string[] = [];
  for (const [path, { kind }] of entries) {
    const name = posix.basename(path);
    if (name === 'locale-archive' && kind === 'file') archives.push(path);
    // Any one of them makes it a locale: what lacks another is incomplete.
    if ((name !== 'LC_CTYPE' && name !== 'LC_COLLATE') || kind === 'directory') continue;
    const locale = posix.dirname(path);
    const known = folders.get(posix.dirname(locale)) ?? [];
    if (!known.includes(posix.basename(locale))) known.push(posix.basename(locale));
    folders.set(posix.dirname(locale), known);
  }
  const libc = inventory.elves.find(
    ({ path, traits }) => traits.libc !== undefined && entries.some(([each]) => each === path),
  );
  return { folders, archives, libcVersion: libc?.traits.libc?.version };
}

/** A chroot brings locales along, C.UTF-8 among them, and each of them whole. */
export function localeFaults(files: MajorFiles): readonly FileFault[] {
  const { inventory, major } = files;
  const { folders, archives, libcVersion } = findLocales(files);
  const all = [...folders.values()].flat();
  const faults: FileFault[] = [];
  if (all.length === 0 && archives.length === 0) {
    faults.push({
      code: 'locale-missing',
      message: `v${String(major)} has no compiled locales: no folder with LC_COLLATE and LC_CTYPE, no locale-archive; initdb knows C alone then`,
      details: { libc: libcVersion ?? '' },
    });
  } else if (archives.length === 0 && !all.some((name) => /^C\.utf-?8$/i.test(name))) {
    // glibc 2.35 and later bring its source along, but none has it built in: 2.43 refuses it without its files as 2.31 does.
    faults.push({
      code: 'locale-missing',
      message: `v${String(major)} has no C.UTF-8, with which a pageserver runs initdb: no folder C.utf8 or C.UTF-8 among its ${String(all.length)} locales, and libc ${libcVersion ?? ''} has none built in`,
      details: { libc: libcVersion ?? '', folders: [...folders.keys()].map(shown) },
    });
  }
  const torn = [...folders].flatMap(([folder, locales]) =>
    locales.flatMap((locale) => {
      const lacking = categories.filter(
        (category) => !isThere(inventory.tree, `${folder}/${locale}/${category}`),
      );
      return lacking.length === 0 ? [] : [{ locale: shown(`${folder}/${locale}`), lacking }];
    }),
  );
  const [first] = torn;
  if (first !== undefined) {
    faults.push({
      code: 'locale-incomplete',
      message: `${someOf(
        torn.map(({ locale, lacking }) => `${locale} lacks ${someOf(lacking, 2)}`),
        3,
      )}: glibc refuses a locale that is not whole`,
      details: { locales: torn.map(({ locale, lacking }) => `${locale}: ${lacking.join(' ')}`) },
    });
  }
  return faults;
}

function isThere(tree: MajorFiles['inventory']['tree'], path: string): boolean {
  const entry = tree.entry(path);
  return entry !== undefined && entry.kind !== 'directory';
}
