import type { PageHeader } from './header.ts';
import { readItems } from './item.ts';
import type { Item } from './item.ts';
import type { PageKind } from './kind.ts';
import { layouts } from './layouts.ts';

/** The items of a page; none on new pages and where something other than line pointers follows the header. */
export function itemsOf(page: Buffer, header: PageHeader, kind: PageKind): readonly Item[] {
  return header.upper !== 0 && layouts[kind].hasItems(page, header) ? readItems(page, header) : [];
}
