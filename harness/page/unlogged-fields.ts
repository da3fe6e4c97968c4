import type { PageKind } from './kind.ts';

/**
 * Fields, by `layoutOf`'s names, that a primary changes without WAL although PostgreSQL's mask of the kind shows them:
 * a sequence logs its state as it will be up to 32 values later (commands/sequence.c), SP-GiST never logs which pages it
 * remembers (SpGistUpdateMetaPage, spgutils.c).
 */
const unlogged: Readonly<Partial<Record<PageKind, RegExp>>> = {
  sequence: /^(last_value|log_cnt) of item 1$/,
  spgist: /^lastUsedPages\[\d\]\.(blkno|freeSpace)$/,
};

/**
 * True when a primary's own page may rightly differ from recovery's in this field, under the mask of its kind; after
 * each single record the two agree even there.
 */
export function isUnloggedField(kind: PageKind, fieldName: string): boolean {
  return unlogged[kind]?.test(fieldName) ?? false;
}
