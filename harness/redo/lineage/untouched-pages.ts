import { RedoubtError } from '../../error.ts';
import { walredoPageSizeBytes } from '../replay/message.ts';
import { formatPageKey, freeSpaceMapFork, type PageKey } from '../page-key.ts';
import type { PageSet } from '../page-set.ts';
import type { PageSource } from '../page-source.ts';

const zeroPage = Buffer.alloc(walredoPageSizeBytes);

/**
 * Shows that no page hides: every page of the oracle that no request asks for, but for the free space map, must be the base's page,
 * or zeros where the fork was extended or made anew. Returns how many such pages there are.
 * @throws RedoubtError `oracle-unexplained` naming the first page that is neither.
 */
export function verifyUntouchedPages(
  base: PageSource,
  oracle: PageSource,
  requested: PageSet,
  wasRemoved: (key: PageKey) => boolean,
): number {
  let untouched = 0;
  for (const { blocks, ...fork } of oracle.forks()) {
    if (fork.forkNumber === freeSpaceMapFork) continue;
    for (let blockNumber = 0; blockNumber < blocks; blockNumber++) {
      const key: PageKey = { ...fork, blockNumber };
      if (requested.has(key)) continue;
      const expected = (wasRemoved(key) ? undefined : base.readPage(key)) ?? zeroPage;
      const actual = oracle.readPage(key);
      if (actual === undefined || !actual.equals(expected)) throw unexplained(key);
      untouched++;
    }
  }
  return untouched;
}

function unexplained(key: PageKey): RedoubtError {
  return new RedoubtError(
    'infrastructure',
    'oracle-unexplained',
    `${formatPageKey(key)}: recovery changed this page, but no record that was read does`,
    {
      remedy:
        'Base, WAL and oracle do not belong together, or Redoubt misread the WAL: keep the capture and report it.',
    },
  );
}
