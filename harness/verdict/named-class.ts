import type { PageDifference } from '../page/diff.ts';
import type { PageKind } from '../page/kind.ts';

/**
 * A way in which pages of two minors may differ that is known and harmless, but no equality. `vm-lsn-only`, `heap-lsn-only`:
 * the page LSN alone, since one of the two registers the page as a block of the record, or stamps it, and the other does
 * not. `gist-tuples-deleted`: F_TUPLES_DELETED of a GiST page, which servers set up to 17.11 and 18.6, and 17.12 does not.
 */
export type NamedClass = 'vm-lsn-only' | 'heap-lsn-only' | 'gist-tuples-deleted';

export const namedClasses: readonly NamedClass[] = ['vm-lsn-only', 'heap-lsn-only', 'gist-tuples-deleted'];

/** What two pages of a class differ in, and all that they differ in: words that go on after a page's name. */
export const namedClassWords: Readonly<Record<NamedClass, string>> = {
  'vm-lsn-only': 'differs in its page LSN alone',
  'heap-lsn-only': 'differs in its page LSN alone',
  'gist-tuples-deleted': 'differs in F_TUPLES_DELETED alone, a flag that no server reads',
};

/** How many pages differ in each class; a class without any is left out. */
export type NamedCounts = Readonly<Partial<Record<NamedClass, number>>>;

/** The class of a difference between two pages of that kind; undefined when it has no name and so is a finding. */
export function namedClassOf(kind: PageKind, difference: PageDifference): NamedClass | undefined {
  // pd_checksum would have to follow from the rest of each page: not looked into, so not excused.
  const { parts } = difference;
  if (kind === 'gist') return hasOtherTuplesDeleted(difference) ? 'gist-tuples-deleted' : undefined;
  if (parts.length !== 1 || parts[0] !== 'lsn') return undefined;
  if (kind === 'visibility-map') return 'vm-lsn-only';
  return kind === 'heap' ? 'heap-lsn-only' : undefined;
}

/** F_TUPLES_DELETED in the flags of GISTPageOpaqueData (access/gist.h, all majors). */
const tuplesDeleted = 0x0004;

function hasOtherTuplesDeleted({ ranges: [range], rangesTotal }: PageDifference): boolean {
  if (rangesTotal !== 1 || range?.field !== 'flags' || range.length !== 2) return false;
  const [expected, actual] = [range.expected, range.actual].map((hex) =>
    Buffer.from(hex, 'hex').readUInt16LE(),
  );
  return ((expected ?? 0) ^ (actual ?? 0)) === tuplesDeleted;
}

/** The counts of several tallies together, the classes in a stable order. */
export function sumNamed(all: readonly NamedCounts[]): NamedCounts {
  return Object.fromEntries(
    namedClasses
      .map((name) => [name, all.reduce((sum, counts) => sum + (counts[name] ?? 0), 0)] as const)
      .filter(([, pages]) => pages > 0),
  );
}
