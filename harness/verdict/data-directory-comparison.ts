import {
  keyOf,
  readCollationRows,
  readDatabaseRows,
  readStoredRelations,
  type CollationRow,
  type DatabaseRow,
  type StoredRelation,
} from '../compute/catalog-rows.ts';
import { diffControlFiles } from '../compute/control-file-fields.ts';
import type { DataTree } from './data-tree.ts';
import { diffRelationFiles, type RelationDifference } from './relation-comparison.ts';
import { diffSettings } from './settings-comparison.ts';
import { compareTrees } from './tree-comparison.ts';
import type { TreeRule } from './tree-rules.ts';

/** A row of a catalog that both have, with the columns in which it differs. */
export interface ChangedRow<Row> {
  readonly expected: Row;
  readonly actual: Row;
}

/** Something in which two data directories differ, and no rule allows it. */
export type DataDifference =
  | {
      readonly kind: 'collations';
      readonly missing: readonly CollationRow[];
      readonly extra: readonly CollationRow[];
      readonly changed: readonly ChangedRow<CollationRow>[];
    }
  | {
      readonly kind: 'database';
      readonly name: string;
      readonly columns: readonly ValueDifference[];
    }
  | ({ readonly kind: 'setting'; readonly file: string } & ValueDifference)
  | ({ readonly kind: 'control-field' } & ValueDifference)
  | {
      readonly kind: 'relation';
      readonly path: string;
      /** `template1 pg_catalog.pg_collation`. */
      readonly name: string;
      readonly difference: RelationDifference;
    }
  | { readonly kind: 'file'; readonly path: string; readonly what: string };

/** A value that differs, by name; null stands for none. */
export interface ValueDifference {
  readonly name: string;
  readonly expected: string | null;
  readonly actual: string | null;
}

/** A difference, or a file whose contents are not compared, that a rule allows; it is shown all the same. */
export interface AllowedDifference {
  /** What differs, with both values where they say anything. */
  readonly raw: string;
  readonly rule: TreeRule;
}

export interface DataDirectoryComparison {
  /** Entries that are equal, byte for byte. */
  readonly equalEntries: number;
  /** Cause before consequence: catalog rows, settings, pages, control file, other files. */
  readonly differences: readonly DataDifference[];
  readonly allowed: readonly AllowedDifference[];
}

const controlPath = 'global/pg_control';
const settingsFile = /^postgresql(?:\.auto)?\.conf$/;
const relationFile = /^(base\/(\d+)|global)\/(\d+)(?:_(?:fsm|vm|init))?(?:\.\d+)?$/;

/**
 * Compares two data directories of one major, made by initdb and at rest: every entry, every byte. What differs is told in
 * the terms of what it is; a rule can allow all but catalog rows and pages.
 */
export function compareDataDirectories(
  expected: DataTree,
  actual: DataTree,
  major: number,
  rules: readonly TreeRule[],
): DataDirectoryComparison {
  const fileRules = rules.filter(({ kind }) => kind === 'file');
  const fileRule = (path: string): TreeRule | undefined =>
    relationFile.test(path) ? undefined : fileRules.find(({ pattern }) => pattern.test(path));
  const {
    equalEntries,
    differences: raw,
    leftOut,
  } = compareTrees(expected, actual, (path) => fileRule(path) !== undefined);
  const differences: DataDifference[] = [];
  const allowed: AllowedDifference[] = leftOut.flatMap((path) => {
    const rule = fileRule(path);
    return rule === undefined ? [] : [{ raw: `${path} is not compared`, rule }];
  });
  const relations = raw.some(({ path }) => relationFile.test(path))
    ? readStoredRelations((path) => expected.read(path))
    : new Map<number, StoredRelation>();
  const databases = readDatabaseRows((path) => expected.read(path), major) ?? [];
  for (const { path, what, isContent } of raw) {
    const relation = relationFile.exec(path);
    if (!isContent) {
      differences.push({ kind: 'file', path, what });
    } else if (relation !== null) {
      const stored = relations.get(Number(relation[3]));
      differences.push({
        kind: 'relation',
        path,
        name: relationName(stored, relation[2], databases),
        difference: diffRelationFiles(path, stored?.kind, ...contents(expected, actual, path)),
      });
    } else if (path === controlPath && isSameSize(expected, actual, path)) {
      for (const { field, ...values } of diffControlFiles(...contents(expected, actual, path))) {
        const value = { name: field, ...values };
        place({ kind: 'control-field', ...value }, 'control-field', value, `${path}: ${field}`);
      }
    } else if (settingsFile.test(path)) {
      const { settings, otherLines } = diffSettings(...contents(expected, actual, path));
      for (const value of settings)
        place({ kind: 'setting', file: path, ...value }, 'setting', value, `${path}: ${value.name}`);
      if (otherLines.length > 0)
        differences.push({ kind: 'file', path, what: `has other lines: ${otherLines.join(' | ')}` });
    } else {
      differences.push({ kind: 'file', path, what });
    }
  }
  differences.push(
    ...collationDifference(expected, actual, major),
    ...databaseDifferences(expected, actual, major),
  );
  return { equalEntries, differences: differences.toSorted(causeFirst), allowed };

  function place(
    difference: DataDifference,
    kind: 'control-field' | 'setting',
    value: ValueDifference,
    subject: string,
  ): void {
    const rule = rules.find((each) => each.kind === kind && isAllowedBy(each, value));
    if (rule === undefined) differences.push(difference);
    else
      allowed.push({
        rule,
        raw: `${subject} is ${value.actual ?? 'not set'} instead of ${value.expected ?? 'not set'}`,
      });
  }
}

function isAllowedBy(rule: TreeRule, { name, expected, actual }: ValueDifference): boolean {
  if (!rule.pattern.test(name)) return false;
  if (rule.kind !== 'setting' || rule.values === undefined) return true;
  return [expected, actual].every((value) => value !== null && rule.values?.test(value) === true);
}

function isSameSize(expected: DataTree, actual: DataTree, path: string): boolean {
  return expected.entries.get(path)?.sizeBytes === actual.entries.get(path)?.sizeBytes;
}

function contents(expected: DataTree, actual: DataTree, path: string): readonly [Buffer, Buffer] {
  return [expected.read(path) ?? Buffer.alloc(0), actual.read(path) ?? Buffer.alloc(0)];
}

function relationName(
  stored: StoredRelation | undefined,
  databaseOid: string | undefined,
  databases: readonly DatabaseRow[],
): string {
  const name = stored?.name ?? 'an unnamed relation';
  if (databaseOid === undefined) return name;
  const database = databases.find(({ oid }) => String(oid) === databaseOid);
  return `${database?.name ?? `database ${databaseOid}`} ${name}`;
}

function collationDifference(expected: DataTree, actual: DataTree, major: number): readonly DataDifference[] {
  const [left, right] = [expected, actual].map(
    (tree) =>
      new Map((readCollationRows((path) => tree.read(path), major) ?? []).map((row) => [keyOf(row), row])),
  ) as [Map<string, CollationRow>, Map<string, CollationRow>];
  const missing = [...left].filter(([key]) => !right.has(key)).map(([, row]) => row);
  const extra = [...right].filter(([key]) => !left.has(key)).map(([, row]) => row);
  const changed = [...left].flatMap(([key, row]) => {
    const other = right.get(key);
    return other === undefined || JSON.stringify(other) === JSON.stringify(row)
      ? []
      : [{ expected: row, actual: other }];
  });
  if (missing.length + extra.length + changed.length === 0) return [];
  return [{ kind: 'collations', missing, extra, changed }];
}

function databaseDifferences(expected: DataTree, actual: DataTree, major: number): readonly DataDifference[] {
  const right = readDatabaseRows((path) => actual.read(path), major) ?? [];
  return (readDatabaseRows((path) => expected.read(path), major) ?? []).flatMap(
    (row): readonly DataDifference[] => {
      const other = right.find(({ name }) => name === row.name);
      const columns = (Object.keys(row) as (keyof DatabaseRow)[])
        .map((name) => ({ name, expected: said(row[name]), actual: said(other?.[name]) }))
        .filter((column) => column.expected !== column.actual);
      return columns.length === 0 ? [] : [{ kind: 'database', name: row.name, columns }];
    },
  );
}

function said(value: string | number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

const order: readonly DataDifference['kind'][] = [
  'database',
  'collations',
  'setting',
  'relation',
  // Positions in the WAL and counters follow from what was done to relations.
  'control-field',
  'file',
];

function causeFirst(left: DataDifference, right: DataDifference): number {
  return order.indexOf(left.kind) - order.indexOf(right.kind);
}
