import type { CollationRow } from '../compute/catalog-rows.ts';
import type { ChangedRow, DataDifference } from './data-directory-comparison.ts';
import type { Finding } from './finding.ts';

type CollationDifference = Extract<DataDifference, { kind: 'collations' }>;

const providers: Readonly<Record<string, string>> = { b: 'builtin', c: 'libc', d: 'default', i: 'ICU' };
const shownNames = 8;

/** Provider and name of a collation, as in "libc en_US.utf8". */
function describe({ provider, name }: CollationRow): string {
  return `${providers[provider] ?? provider} ${name}`;
}

/** Says which rows of pg_collation are missing, too many or different; versions apart, by the libraries that they are of. */
export function describeCollations(
  { missing, extra, changed }: CollationDifference,
  against: string,
): readonly Finding[] {
  const versions = changed.filter(isVersionOnly);
  const others = changed.filter((row) => !isVersionOnly(row));
  return [
    ...(missing.length === 0 ? [] : [lacking(missing, against)]),
    ...(extra.length === 0
      ? []
      : [
          finding(
            `pg_collation has ${count(extra.length)} that ${against} lacks: ${names(extra)}`,
            'initdb-collations-differ',
            { extra: extra.map(describe) },
          ),
        ]),
    ...[...Map.groupBy(versions, versionStep)].map(([step, rows]) =>
      finding(
        `${count(rows.length)} of ${step}, against ${against}: ${names(rows.map(({ actual }) => actual))}`,
        'initdb-collation-versions-differ',
        {
          expectedVersion: rows[0]?.expected.version ?? 'none',
          actualVersion: rows[0]?.actual.version ?? 'none',
          collations: rows.map(({ actual }) => describe(actual)),
        },
      ),
    ),
    ...(others.length === 0
      ? []
      : [
          finding(
            `${count(others.length)} are defined otherwise than ${against}: ${others.slice(0, shownNames).map(describeChange).join('; ')}`,
            'initdb-collations-differ',
            { changed: others.map(describeChange) },
          ),
        ]),
  ];
}

function lacking(missing: readonly CollationRow[], against: string): Finding {
  return finding(
    `pg_collation lacks ${count(missing.length)} that ${against} has: ${names(missing)}`,
    'initdb-collations-differ',
    { missing: missing.map(describe) },
  );
}

function isVersionOnly({ expected, actual }: ChangedRow<CollationRow>): boolean {
  return JSON.stringify({ ...expected, version: null }) === JSON.stringify({ ...actual, version: null });
}

function versionStep({ expected, actual }: ChangedRow<CollationRow>): string {
  const provider = providers[actual.provider] ?? actual.provider;
  return `${provider} bear version ${actual.version ?? 'none'} instead of ${expected.version ?? 'none'}`;
}

function describeChange({ expected, actual }: ChangedRow<CollationRow>): string {
  const columns = (Object.keys(expected) as (keyof CollationRow)[]).filter(
    (column) => expected[column] !== actual[column],
  );
  const changes = columns.map(
    (column) => `${column} ${String(actual[column])} instead of ${String(expected[column])}`,
  );
  return `${describe(actual)} has ${changes.join(', ')}`;
}

function count(collations: number): string {
  return `${collations.toLocaleString('en')} collation${collations === 1 ? '' : 's'}`;
}

function names(rows: readonly CollationRow[]): string {
  const shown = rows.slice(0, shownNames).map(describe).join(', ');
  const more = rows.length - shownNames;
  return more > 0 ? `${shown} and ${more.toLocaleString('en')} more` : shown;
}

function finding(message: string, code: Finding['code'], details: NonNullable<Finding['details']>): Finding {
  return { code, message, details };
}
