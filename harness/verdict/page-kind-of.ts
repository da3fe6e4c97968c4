import { guessPageKind, type PageKind } from '../page/kind.ts';
import { freeSpaceMapFork, visibilityMapFork, type PageKey } from '../redo/page-key.ts';
import type { Tape } from '../redo/tape.ts';

/** Kinds of pages that go by the name of the relation's access method, or of the relation's own kind. */
const namedKinds: readonly PageKind[] = [
  'heap',
  'btree',
  'hash',
  'gin',
  'gist',
  'spgist',
  'brin',
  'sequence',
];

/** What kind of page a tape's page is: by its fork and its relation's name, else guessed from the page. */
export function pageKindOf(tape: Tape, key: PageKey, page: Buffer): PageKind {
  if (key.forkNumber === visibilityMapFork) return 'visibility-map';
  if (key.forkNumber === freeSpaceMapFork) return 'free-space-map';
  const relationKind = tape.relationOf(key)?.kind;
  if (relationKind === 'toast') return 'heap';
  return namedKinds.find((kind) => kind === relationKind) ?? guessPageKind(page);
}
