import { RedoubtError } from '../../error.ts';
import { formatLsn } from '../../wal/lsn.ts';
import type { SpilledRecord } from './lineage-spill.ts';
import { formatPageKey, freeSpaceMapFork, type PageKey } from '../page-key.ts';
import type { RequestOrigin } from '../tape/tape-index.ts';

/** The records that make one page from its beginning: what is pushed first, if anything, and what is applied. */
export interface Lineage {
  readonly key: PageKey;
  readonly origin: RequestOrigin;
  readonly base: Buffer | undefined;
  readonly records: readonly SpilledRecord[];
}

/** A lineage with the page that it must give, where recovery does not say. */
export interface ModelledLineage extends Lineage {
  readonly expected: Buffer;
}

/** The records that came after the page was last removed; before that it was another page. */
export function survivors(
  records: readonly SpilledRecord[],
  lastRemovalLsn: number,
): readonly SpilledRecord[] {
  return lastRemovalLsn === 0 ? records : records.filter(({ endLsn }) => endLsn > lastRemovalLsn);
}

/**
 * Cuts a page's records, at least one, to its lineage: everything before the last record that initialises the page no
 * longer matters.
 * @throws RedoubtError `lineage-without-base` when the first record needs a page that nobody has.
 */
export function lineageOf(
  key: PageKey,
  records: readonly SpilledRecord[],
  readBase: () => Buffer | undefined,
): Lineage {
  const lastInitialising = records.findLastIndex(({ role }) => role === 'initialising');
  if (lastInitialising >= 0) {
    return { key, origin: 'initialised', base: undefined, records: records.slice(lastInitialising) };
  }
  const base = readBase();
  if (base !== undefined) return { key, origin: 'base', base, records };
  if (key.forkNumber === freeSpaceMapFork) return { key, origin: 'zero', base: undefined, records };
  throw withoutBase(key, records[0]?.endLsn ?? 0);
}

/** The error for a page whose first record needs one that nobody has. */
export function withoutBase(key: PageKey, endLsn: number): RedoubtError {
  return new RedoubtError(
    'infrastructure',
    'lineage-without-base',
    `${formatPageKey(key)}: the record that ends at ${formatLsn(endLsn)} changes a page that neither the base nor the WAL made`,
    { remedy: 'The base and the WAL do not belong together; capture them again.' },
  );
}
