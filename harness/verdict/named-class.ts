import type { PageDifference } from '../page/diff.ts';
import type { PageKind } from '../page/kind.ts';

/**
 * A way in which pages of two minors may differ that is known and harmless, but no equality: the page LSN alone, since one
 * of the two registers the page as a block of the record, or stamps it, and the other does not.
 */
export type NamedClass = 'vm-lsn-only' | 'heap-lsn-only';

export const namedClasses: readonly NamedClass[] = ['vm-lsn-only', 'heap-lsn-only'];

/** How many pages differ in each class; a class without any is left out. */
export type NamedCounts = Readonly<Partial<Record<NamedClass, number>>>;

/** The class of a difference between two pages of that kind; undefined when it has no name and so is a finding. */
export function namedClassOf(kind: PageKind, { parts }: PageDifference): NamedClass | undefined {
  // pd_checksum would have to follow from the rest of each page: not looked into, so not excused.
  if (parts.length !== 1 || parts[0] !== 'lsn') return undefined;
  if (kind === 'visibility-map') return 'vm-lsn-only';
  return kind === 'heap' ? 'heap-lsn-only' : undefined;
}

/** The counts of several tallies together, the classes in a stable order. */
export function sumNamed(all: readonly NamedCounts[]): NamedCounts {
  return Object.fromEntries(
    namedClasses
      .map((name) => [name, all.reduce((sum, counts) => sum + (counts[name] ?? 0), 0)] as const)
      .filter(([, pages]) => pages > 0),
  );
}
