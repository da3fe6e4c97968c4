/** A column of an index as its tuples hold it: what is stored, which need not be what the table has (pg_attribute of the index). */
export interface KeyColumn {
  readonly name: string;
  /** pg_type.typname, of a domain its base: `int4`, `text`, `cstring`. */
  readonly type: string;
  /** attlen: -1 for a varlena, -2 for a C string. */
  readonly lengthBytes: number;
  /** attalign: to 1, 2, 4 or 8 bytes. */
  readonly align: 'c' | 's' | 'i' | 'd';
  /** With its schema unless that is pg_catalog; null for what has none. */
  readonly collation: string | null;
  /** Of INCLUDE: carried along, and not in tuples of inner pages. */
  readonly isIncluded: boolean;
}
