import { readCollationRows, readDatabaseRows, type DatabaseRow } from '../compute/catalog-rows.ts';
import { parseControlFile, type ControlFile } from '../compute/control-file.ts';
import { RedoubtError } from '../error.ts';
import type { DataTree } from './data-tree.ts';
import type { Finding } from './finding.ts';
import { readSettings } from './settings-comparison.ts';
import { utcNames } from './tree-rules.ts';

/** What initdb was asked for. */
export interface ClusterWish {
  readonly provider: 'libc' | 'icu' | 'builtin';
  readonly encoding: 'UTF8' | 'LATIN1' | 'EUC_JP' | 'SQL_ASCII';
  readonly collate: string;
  readonly ctype: string;
  /** Of ICU and builtin. */
  readonly locale: string | null;
  readonly checksums: boolean;
  readonly walSegmentBytes: number;
}

/** pg_enc of mb/pg_wchar.h, 14-18. */
const encodings: Readonly<Record<ClusterWish['encoding'], number>> = {
  SQL_ASCII: 0,
  EUC_JP: 1,
  UTF8: 6,
  LATIN1: 8,
};

const providers: Readonly<Record<string, ClusterWish['provider']>> = { b: 'builtin', c: 'libc', i: 'icu' };

/** Locales that every C library has without any file. */
const withoutLocale: ReadonlySet<string | null> = new Set(['C', 'POSIX']);

/** Judges a data directory by itself: whether it is whole, of its major, and as it was asked for. Nothing is started. */
export function judgeCluster(tree: DataTree, major: number, wish: ClusterWish): readonly Finding[] {
  const version = tree.read('PG_VERSION')?.toString('utf8').trim();
  if (version !== String(major)) {
    const message =
      version === undefined
        ? 'the data directory has no PG_VERSION'
        : `PG_VERSION says ${version.slice(0, 20)}, asked was ${String(major)}`;
    return [{ code: 'initdb-wrong-major', message }];
  }
  return [
    ...judgeControl(tree, wish),
    ...judgeDatabases(tree, major, wish),
    ...judgeLocales(tree, major),
    ...judgeTimeZone(tree),
  ];
}

function judgeControl(tree: DataTree, wish: ClusterWish): readonly Finding[] {
  const control = readControl(tree);
  if (typeof control === 'string') return [{ code: 'initdb-wrong-settings', message: control }];
  const findings: Finding[] = [];
  if (control.state !== 'shut down') {
    findings.push({
      code: 'initdb-wrong-settings',
      message: `the new cluster is in state "${control.state}" instead of "shut down"`,
    });
  }
  const checksums = control.dataChecksumVersion !== 0;
  if (checksums !== wish.checksums) {
    findings.push({
      code: 'initdb-wrong-checksums',
      message: `data checksums are ${onOff(checksums)}, asked was ${onOff(wish.checksums)} (data_checksum_version in global/pg_control is ${String(control.dataChecksumVersion)})`,
    });
  }
  if (control.walSegmentSizeBytes !== wish.walSegmentBytes) {
    findings.push({
      code: 'initdb-wrong-segment-size',
      message: `WAL segments have ${String(control.walSegmentSizeBytes)} bytes, asked was ${String(wish.walSegmentBytes)}`,
    });
  }
  return findings;
}

function onOff(flag: boolean): string {
  return flag ? 'on' : 'off';
}

/** The control file, or what is wrong with it: initdb wrote it, so that a bad one is the bundle's fault. */
function readControl(tree: DataTree): ControlFile | string {
  const bytes = tree.read('global/pg_control');
  if (bytes === undefined) return 'the data directory has no global/pg_control';
  try {
    return parseControlFile(bytes, 'global/pg_control of the data directory');
  } catch (error) {
    if (error instanceof RedoubtError) return error.message;
    throw error;
  }
}

function judgeDatabases(tree: DataTree, major: number, wish: ClusterWish): readonly Finding[] {
  const databases = readDatabaseRows((path) => tree.read(path), major) ?? [];
  const missing = ['postgres', 'template0', 'template1'].filter(
    (name) => !databases.some((database) => database.name === name),
  );
  if (missing.length > 0)
    return [{ code: 'initdb-databases-differ', message: `pg_database has no ${missing.join(', ')}` }];
  return databases.flatMap((database) => judgeDatabase(database, major, wish));
}

function judgeDatabase(database: DatabaseRow, major: number, wish: ClusterWish): readonly Finding[] {
  const findings: Finding[] = [];
  const { name, encoding } = database;
  if (encoding !== encodings[wish.encoding]) {
    findings.push({
      code: 'initdb-wrong-encoding',
      message: `database ${name} has encoding ${nameEncoding(encoding)}, asked was ${wish.encoding}`,
    });
  }
  const wanted = {
    provider: wish.provider,
    collate: wish.collate,
    ctype: wish.ctype,
    ...(major >= 15 ? { locale: wish.locale } : {}),
  };
  const made = { ...database, provider: providers[database.provider] ?? database.provider };
  for (const [column, asked] of Object.entries(wanted)) {
    const found = made[column as keyof typeof wanted];
    if (found === asked) continue;
    const isFallback = withoutLocale.has(found) && !withoutLocale.has(asked);
    findings.push({
      code: isFallback ? 'initdb-locale-fallback' : 'initdb-wrong-locale',
      message: isFallback
        ? `database ${name} fell back silently to ${column} ${String(found)}, asked was ${String(asked)}: text is then ordered by bytes`
        : `database ${name} has ${column} ${String(found)}, asked was ${String(asked)}`,
      details: { database: name, column, asked: String(asked), found: String(found) },
    });
  }
  return findings;
}

function nameEncoding(encoding: number): string {
  const known = Object.entries(encodings).find(([, number]) => number === encoding)?.[0];
  return known ?? `number ${String(encoding)}`;
}

/** In every build pg_collation has C and POSIX, and from 17 on ucs_basic and others of the builtin provider, without asking. */
function judgeLocales(tree: DataTree, major: number): readonly Finding[] {
  const rows = readCollationRows((path) => tree.read(path), major);
  if (rows === undefined)
    return [{ code: 'initdb-no-system-locales', message: 'template1 has no file of pg_collation' }];
  const imported = rows.filter(({ provider, collate }) => provider === 'c' && !withoutLocale.has(collate));
  if (imported.length > 0) return [];
  return [
    {
      code: 'initdb-no-system-locales',
      message:
        'pg_collation has no locale of the C library but C and POSIX: `locale -a` is missing in the bundle, cannot be run, or lists nothing',
      details: { collations: rows.length },
    },
  ];
}

function judgeTimeZone(tree: DataTree): readonly Finding[] {
  const settings = readSettings(tree.read('postgresql.conf') ?? Buffer.alloc(0));
  return ['timezone', 'log_timezone'].flatMap((name): readonly Finding[] => {
    const zone = settings.get(name) ?? 'not set';
    if (utcNames.test(zone)) return [];
    return [
      {
        code: 'initdb-time-zone-leak',
        message: `postgresql.conf has ${name} ${zone}, though nobody asked for a time zone: it comes from the host, or is the bundle's own`,
        details: { name, zone },
      },
    ];
  });
}
