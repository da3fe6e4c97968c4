import { RedoubtError } from '../error.ts';
import { formatLsn } from '../wal/lsn.ts';
import type { SpilledRecord } from './lineage-spill.ts';
import { formatPageKey, freeSpaceMapFork, visibilityMapFork, type PageKey } from './page-key.ts';
import type { RequestOrigin } from './tape-index.ts';

/** The records that make one page from its beginning: what is pushed first, if anything, and what is applied. */
export interface Lineage {
  readonly key: PageKey;
  readonly origin: RequestOrigin;
  readonly base: Buffer | undefined;
  readonly records: readonly SpilledRecord[];
}

/**
 * Cuts a page's records to its lineage: everything before the last removal of the page, and before the last record
 * that initialises it, no longer matters. Undefined when nothing is left because the page was removed.
 * @throws RedoubtError `lineage-without-base` when the first record needs a page that nobody has.
 */
export function lineageOf(
  key: PageKey,
  records: readonly SpilledRecord[],
  lastRemovalLsn: number,
  readBase: () => Buffer | undefined,
): Lineage | undefined {
  const alive = records.filter((record) => record.endLsn > lastRemovalLsn);
  const first = alive[0];
  if (first === undefined) return undefined;
  const lastInitialising = alive.findLastIndex((record) => record.initialises);
  if (lastInitialising >= 0) {
    return { key, origin: 'initialised', base: undefined, records: alive.slice(lastInitialising) };
  }
  const base = lastRemovalLsn === 0 ? readBase() : undefined;
  if (base !== undefined) return { key, origin: 'base', base, records: alive };
  if (key.forkNumber === visibilityMapFork || key.forkNumber === freeSpaceMapFork) {
    return { key, origin: 'zero', base: undefined, records: alive };
  }
  throw new RedoubtError(
    'infrastructure',
    'lineage-without-base',
    `${formatPageKey(key)}: the record that ends at ${formatLsn(first.endLsn)} changes a page that neither the base nor the WAL made`,
    { remedy: 'The base and the WAL do not belong together; capture them again.' },
  );
}
