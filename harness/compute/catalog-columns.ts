import type { Column } from '../page/heap-tuple.ts';

type Columns = readonly Column[];

/** The first columns of pg_class, the same in 14 to 18 (catalog/pg_class.h). */
export const classColumns: Columns = [
  { name: 'oid', type: 'oid' },
  { name: 'relname', type: 'name' },
  { name: 'relnamespace', type: 'oid' },
  { name: 'reltype', type: 'oid' },
  { name: 'reloftype', type: 'oid' },
  { name: 'relowner', type: 'oid' },
  { name: 'relam', type: 'oid' },
  { name: 'relfilenode', type: 'oid' },
];

/** pg_collation of a major (catalog/pg_collation.h, 14-18); the ICU or builtin locale is called `locale` throughout. */
export function collationColumns(major: number): Columns {
  const locale = major >= 15 ? 'text' : 'name';
  return [
    { name: 'oid', type: 'oid' },
    { name: 'collname', type: 'name' },
    { name: 'collnamespace', type: 'oid' },
    { name: 'collowner', type: 'oid' },
    { name: 'collprovider', type: 'char' },
    { name: 'collisdeterministic', type: 'bool' },
    { name: 'collencoding', type: 'int4' },
    { name: 'collcollate', type: locale },
    { name: 'collctype', type: locale },
    ...(major >= 15 ? [{ name: 'locale', type: 'text' } as const] : []),
    ...(major >= 16 ? [{ name: 'collicurules', type: 'text' } as const] : []),
    { name: 'collversion', type: 'text' },
  ];
}

/** pg_database of a major up to datcollversion (catalog/pg_database.h, 14-18); transaction ids read like oids. */
export function databaseColumns(major: number): Columns {
  const head: Columns = [
    { name: 'oid', type: 'oid' },
    { name: 'datname', type: 'name' },
    { name: 'datdba', type: 'oid' },
    { name: 'encoding', type: 'int4' },
  ];
  const flags: Columns = [
    { name: 'datistemplate', type: 'bool' },
    { name: 'datallowconn', type: 'bool' },
  ];
  if (major < 15) {
    return [...head, { name: 'datcollate', type: 'name' }, { name: 'datctype', type: 'name' }, ...flags];
  }
  return [
    ...head,
    { name: 'datlocprovider', type: 'char' },
    ...flags,
    ...(major >= 17 ? [{ name: 'dathasloginevt', type: 'bool' } as const] : []),
    { name: 'datconnlimit', type: 'int4' },
    { name: 'datfrozenxid', type: 'oid' },
    { name: 'datminmxid', type: 'oid' },
    { name: 'dattablespace', type: 'oid' },
    { name: 'datcollate', type: 'text' },
    { name: 'datctype', type: 'text' },
    { name: 'locale', type: 'text' },
    ...(major >= 16 ? [{ name: 'daticurules', type: 'text' } as const] : []),
    { name: 'datcollversion', type: 'text' },
  ];
}
