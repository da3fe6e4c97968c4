import type { ClusterWish } from '../../verdict/cluster-judgement.ts';

/** How initdb is asked for a cluster, and what the cluster must then be. */
export interface InitdbCase {
  readonly id: string;
  /** The options besides where, who and how quietly. */
  readonly flags: readonly string[];
  readonly asked: ClusterWish;
}

/** A case and the majors that have what it asks for. */
interface CaseRow {
  readonly id: string;
  readonly since: number;
  readonly make: (major: number) => Omit<InitdbCase, 'id'>;
}

const firstMajor = 14;
const firstMajorWithProvider = 15;
const firstMajorWithIcuRules = 16;
const firstMajorWithBuiltinProvider = 17;
const firstMajorWithChecksumsByDefault = 18;
const usualWalSegmentBytes = 16 * 2 ** 20;

/** The options with which a pageserver runs initdb (neon: libs/postgres_initdb), but for the data directory's place. */
export function pageserverCase(major: number): InitdbCase {
  const isBuiltin = major >= firstMajorWithBuiltinProvider;
  return {
    id: 'pageserver',
    flags: [
      '--encoding',
      'utf8',
      '--locale',
      'C.UTF-8',
      ...(major >= firstMajorWithProvider ? ['--locale-provider', isBuiltin ? 'builtin' : 'libc'] : []),
    ],
    asked: {
      ...asked(major, 'C.UTF-8'),
      ...(isBuiltin ? { provider: 'builtin', locale: 'C.UTF-8' } : {}),
    },
  };
}

/** What makes initdb turn data checksums on or off where that is not what it does by itself. */
export function checksumFlags(major: number, checksums: boolean): readonly string[] {
  if (checksums === major >= firstMajorWithChecksumsByDefault) return [];
  return [checksums ? '--data-checksums' : '--no-data-checksums'];
}

/**
 * The other options: every provider, locales of one, several and no bytes a character, checksums against the default, small
 * WAL segments. Every value occurs, not every pair.
 */
const rows: readonly CaseRow[] = [
  {
    id: 'libc-checksums',
    since: 14,
    make: (major) => {
      const checksums = major < firstMajorWithChecksumsByDefault;
      return {
        flags: [
          '--locale=en_US.UTF-8',
          '--encoding=UTF8',
          ...libc(major),
          ...checksumFlags(major, checksums),
        ],
        asked: { ...asked(major, 'en_US.UTF-8'), checksums },
      };
    },
  },
  {
    id: 'libc-latin1',
    since: 14,
    make: (major) => ({
      flags: ['--locale=de_DE.ISO-8859-1', '--encoding=LATIN1', ...libc(major)],
      asked: { ...asked(major, 'de_DE.ISO-8859-1'), encoding: 'LATIN1' },
    }),
  },
  {
    id: 'libc-c-small-wal',
    since: 14,
    make: (major) => ({
      flags: ['--locale=C', '--encoding=SQL_ASCII', ...libc(major), '--wal-segsize=1'],
      asked: { ...asked(major, 'C'), encoding: 'SQL_ASCII', walSegmentBytes: 2 ** 20 },
    }),
  },
  {
    id: 'libc-mixed',
    since: 14,
    make: (major) => ({
      flags: [
        '--encoding=UTF8',
        ...libc(major),
        '--locale=C.UTF-8',
        '--lc-collate=sv_SE.UTF-8',
        '--lc-messages=fr_FR.UTF-8',
        '--lc-monetary=lv_LV.UTF-8',
        '--lc-time=ru_RU.UTF-8',
        '--allow-group-access',
      ],
      asked: { ...asked(major, 'sv_SE.UTF-8'), ctype: 'C.UTF-8' },
    }),
  },
  {
    id: 'libc-euc-jp',
    since: 14,
    make: (major) => ({
      flags: ['--locale=ja_JP.eucJP', '--encoding=EUC_JP', ...libc(major)],
      asked: { ...asked(major, 'ja_JP.eucJP'), encoding: 'EUC_JP' },
    }),
  },
  {
    id: 'icu-root',
    since: firstMajorWithProvider,
    make: (major) => ({
      flags: ['--locale-provider=icu', '--icu-locale=und', '--locale=C.UTF-8', '--encoding=UTF8'],
      asked: { ...asked(major, 'C.UTF-8'), provider: 'icu', locale: 'und' },
    }),
  },
  {
    id: 'icu-tailored',
    since: firstMajorWithProvider,
    make: (major) => ({
      flags: [
        '--locale-provider=icu',
        '--icu-locale=de-AT-u-co-phonebk',
        ...(major >= firstMajorWithIcuRules ? ['--icu-rules=&a < g'] : []),
        '--locale=de_AT.UTF-8',
        '--encoding=UTF8',
      ],
      asked: { ...asked(major, 'de_AT.UTF-8'), provider: 'icu', locale: 'de-AT-u-co-phonebk' },
    }),
  },
  {
    id: 'builtin-c',
    since: firstMajorWithBuiltinProvider,
    make: (major) => ({
      flags: ['--locale-provider=builtin', '--builtin-locale=C', '--locale=en_US.UTF-8', '--encoding=UTF8'],
      asked: { ...asked(major, 'en_US.UTF-8'), provider: 'builtin', locale: 'C' },
    }),
  },
  {
    id: 'builtin-unicode-fast',
    since: 18,
    make: (major) => ({
      flags: [
        '--locale-provider=builtin',
        '--builtin-locale=PG_UNICODE_FAST',
        '--locale=C.UTF-8',
        '--encoding=UTF8',
      ],
      asked: { ...asked(major, 'C.UTF-8'), provider: 'builtin', locale: 'PG_UNICODE_FAST' },
    }),
  },
];

/** Every case of a major besides the pageserver's. */
export function initdbCases(major: number): readonly InitdbCase[] {
  return rows.filter(({ since }) => major >= since).map(({ id, make }) => ({ id, ...make(major) }));
}

/**
 * The cases that a run tries on one of its hosts: all, or one. On the first host it is what the major has newest; on the
 * others the rest have their turn, so that over three hosts and all majors every case is tried.
 */
export function chosenCases(
  major: number,
  hostIndex: number,
  matrix: 'sample' | 'full',
): readonly InitdbCase[] {
  const cases = initdbCases(major);
  if (matrix === 'full') return cases;
  const index = hostIndex === 0 ? -1 : (major - firstMajor + 3 * (hostIndex - 1)) % cases.length;
  const chosen = cases.at(index);
  return chosen === undefined ? [] : [chosen];
}

function libc(major: number): readonly string[] {
  return major >= firstMajorWithProvider ? ['--locale-provider=libc'] : [];
}

function asked(major: number, locale: string): ClusterWish {
  return {
    provider: 'libc',
    encoding: 'UTF8',
    collate: locale,
    ctype: locale,
    locale: null,
    checksums: major >= firstMajorWithChecksumsByDefault,
    walSegmentBytes: usualWalSegmentBytes,
  };
}
