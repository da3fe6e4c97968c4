import { test } from '@japa/runner';

import { DataDirectoryPages } from '../../harness/compute/data-directory.ts';
import { isNewPage, readPageHeader } from '../../harness/page/header.ts';
import { hasStorage } from '../../harness/page/item.ts';
import type { PageKind } from '../../harness/page/kind.ts';
import { maskPage, maskingRmgr } from '../../harness/page/mask.ts';
import { itemsOf } from '../../harness/page/page-items.ts';
import { openComputeImage } from '../support/compute-image.ts';
import { readPageKinds } from '../support/page-kinds.ts';
import { RealCluster } from '../support/real-cluster.ts';
import { testedMajors } from '../support/tested-majors.ts';
import { ServerMask } from '../support/server-mask.ts';

/** Kinds of pages that the comparison must have met. */
const wanted: readonly PageKind[] = ['brin', 'btree', 'gin', 'gist', 'hash', 'heap', 'sequence', 'spgist'];

/** A copy in which bytes are changed that leave the page's frame as it is: flags, tuples, line pointers' states, special space. */
function changed(page: Buffer, kind: PageKind, seed: number): Buffer {
  const copy = Buffer.from(page);
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >>> 8) % below;
  };
  const header = readPageHeader(page);
  for (const at of [0, 8, 10, 20, 21]) copy[at] = next(256);
  for (let at = header.special; at < 8192; at++) if (next(4) === 0) copy[at] = next(256);
  for (const item of itemsOf(page, header, kind)) {
    if (!hasStorage(item)) continue;
    if (next(3) === 0) copy[item.pointerOffset + 2] = copy[item.pointerOffset + 2]! ^ 0x01;
    for (let count = next(6); count > 0; count--) {
      copy[item.offset + next(Math.min(item.length, 30))] = next(256);
    }
    if (kind === 'heap' && item.length >= 24 && next(5) === 0) copy.writeUInt16LE(0xfffe, item.offset + 16);
  }
  return copy;
}

test.group("masks and the server's own", () => {
  for (const major of testedMajors([15, 17, 18])) {
    test(`agree on every byte of the pages of ${major}, sound and changed`, async ({ assert }) => {
      await using host = await openComputeImage(major);
      await using cluster = await RealCluster.make(host, major);
      await cluster.runScript({});
      await using server = await cluster.start({});
      const client = await server.connect();
      const met = new Map<PageKind, number>();
      try {
        const masks = await ServerMask.load(client, major, cluster.dataDirectory);
        const kinds = await readPageKinds(client);
        using pages = new DataDirectoryPages(cluster.dataDirectory);
        for (const fork of pages.forks()) {
          const kind = kinds.get(fork.relNumber);
          if (fork.forkNumber !== 0 || kind === undefined) continue;
          const rmgrId = maskingRmgr(kind)!;
          // Enough of each relation: the first pages and every 16th.
          for (let blockNumber = 0; blockNumber < fork.blocks; blockNumber += blockNumber < 24 ? 1 : 16) {
            const page = Buffer.from(pages.readPage({ ...fork, blockNumber })!);
            if (isNewPage(page)) continue;
            for (const one of [page, changed(page, kind, blockNumber + 1)]) {
              const where = `${kind} ${fork.relNumber} block ${blockNumber}`;
              const theirs = await masks.mask(one, rmgrId, blockNumber);
              if (!theirs.equals(maskPage(one, rmgrId, blockNumber))) assert.fail(where);
            }
            met.set(kind, (met.get(kind) ?? 0) + 1);
          }
        }
      } finally {
        await client.end();
      }
      assert.deepEqual([...met.keys()].toSorted(), [...wanted]);
    });
  }
});
