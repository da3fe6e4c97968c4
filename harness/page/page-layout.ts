import type { FieldMap } from './field.ts';
import type { PageHeader } from './header.ts';

/** What Redoubt knows of one kind of page; every function copes with any bytes. */
export interface PageLayout {
  /** Whether line pointers follow the header of this page; something else does on meta, map and deleted pages. */
  readonly hasItems: (page: Buffer, header: PageHeader) => boolean;
  /** Whether the bytes between pd_lower and pd_upper mean nothing on this page. */
  readonly hasFreeSpace: (page: Buffer, header: PageHeader) => boolean;
  /** Labels all that is not the header and not free space. */
  readonly label: (page: Buffer, header: PageHeader, map: FieldMap) => void;
  /** Clears, in place, the hint bits that are not in the header. */
  readonly clearHintBits?: (page: Buffer, header: PageHeader) => void;
}
