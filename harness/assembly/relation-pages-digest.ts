import { createHash } from 'node:crypto';

import type { PageSource } from '../redo/page-source.ts';

/** SHA-256 over every fork's name and pages: two data directories with the same digest have the same relations. */
export function relationPagesDigest(pages: PageSource): string {
  const hash = createHash('sha256');
  for (const { blocks, ...fork } of pages.forks()) {
    const { spcOid, dbOid, relNumber, forkNumber } = fork;
    hash.update([spcOid, dbOid, relNumber, forkNumber, blocks].join('/'));
    for (let blockNumber = 0; blockNumber < blocks; blockNumber++) {
      const page = pages.readPage({ ...fork, blockNumber });
      if (page !== undefined) hash.update(page);
    }
  }
  return hash.digest('hex');
}
