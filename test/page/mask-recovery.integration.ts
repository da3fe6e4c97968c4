import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { DataDirectoryPages } from '../../harness/compute/data-directory.ts';
import { diffPages } from '../../harness/page/diff.ts';
import { isNewPage, readPageHeader } from '../../harness/page/header.ts';
import type { PageKind } from '../../harness/page/kind.ts';
import { maskPage, maskedBytes, maskingRmgr } from '../../harness/page/mask.ts';
import { isUnloggedField } from '../../harness/page/unlogged-fields.ts';
import { initFork, visibilityMapFork } from '../../harness/redo/page-key.ts';
import { RecordDecoder } from '../../harness/wal/decode.ts';
import { restoreImage } from '../../harness/wal/image.ts';
import { RecordReader } from '../../harness/wal/record-reader.ts';
import { segmentFileName } from '../../harness/wal/segment.ts';
import { openComputeImage } from '../support/compute-image.ts';
import { readPageKinds } from '../support/page-kinds.ts';
import { RealCluster } from '../support/real-cluster.ts';
import { testedMajors } from '../support/tested-majors.ts';

interface ComparedPage {
  readonly where: string;
  readonly relNumber: number;
  readonly blockNumber: number;
  readonly primary: Buffer;
  readonly recovered: Buffer | undefined;
}

/** The pages of all forks of that number, on a primary at rest and as recovery left them. */
function readBoth(
  primaryDirectory: string,
  oracleDirectory: string,
  forkNumber = 0,
): readonly ComparedPage[] {
  const result: ComparedPage[] = [];
  using primary = new DataDirectoryPages(primaryDirectory);
  using oracle = new DataDirectoryPages(oracleDirectory);
  for (const fork of primary.forks()) {
    if (fork.forkNumber !== forkNumber) continue;
    for (let blockNumber = 0; blockNumber < fork.blocks; blockNumber++) {
      const address = { ...fork, blockNumber };
      const recovered = oracle.readPage(address);
      result.push({
        where: `${fork.dbOid}/${fork.relNumber} block ${blockNumber}`,
        relNumber: fork.relNumber,
        blockNumber,
        primary: Buffer.from(primary.readPage(address)!),
        recovered: recovered === undefined ? undefined : Buffer.from(recovered),
      });
    }
  }
  return result;
}

/** The first byte at or behind `from` that the mask does not touch. */
function firstSeenByte(page: Buffer, rmgrId: number, from: number): number {
  const hidden = maskedBytes(page, rmgrId, 0);
  let at = from;
  while (hidden.some(({ offset, length }) => at >= offset && at < offset + length)) at++;
  return at;
}

const lsnBytes = 8;

const wanted: readonly PageKind[] = ['brin', 'btree', 'gin', 'gist', 'hash', 'heap', 'sequence', 'spgist'];

test.group('masks on a primary and its standby', () => {
  for (const major of testedMajors([14, 15, 16, 17, 18])) {
    test(`${major}: the primary's own pages and the images of wal_consistency_checking equal recovery's`, async ({
      assert,
    }) => {
      await using host = await openComputeImage(major);
      await using cluster = await RealCluster.make(host, major);
      await cluster.keepBase();
      const { checkpointLsn: startLsn } = await cluster.readControlFile();
      // Replay would fail at the first record that does not agree.
      await cluster.runScript({ wal_consistency_checking: 'all' }, [
        'CREATE SEQUENCE settled',
        `SELECT setval('settled', 500)`,
      ]);
      const { checkpointLsn: endLsn, walSegmentSizeBytes: segmentSizeBytes } =
        await cluster.readControlFile();
      const oracleDirectory = await cluster.recover();
      const pages = readBoth(cluster.dataDirectory, oracleDirectory);
      await using server = await cluster.start({});
      const client = await server.connect();
      const kinds = await readPageKinds(client);
      await client.end();

      const equal = new Map<PageKind, number>();
      const needed = new Map<PageKind, number>();
      let unlogged = 0;
      for (const { where, relNumber, blockNumber, primary, recovered } of pages) {
        const kind = kinds.get(relNumber);
        if (kind === undefined) continue;
        if (recovered === undefined || isNewPage(recovered)) {
          assert.isTrue(isNewPage(primary), where);
          continue;
        }
        const rmgrId = maskingRmgr(kind)!;
        const mask = (page: Buffer): Buffer => maskPage(page, rmgrId, blockNumber);
        const expected = mask(recovered);
        if (mask(primary).equals(expected)) {
          equal.set(kind, (equal.get(kind) ?? 0) + 1);
          if (!primary.equals(recovered)) needed.set(kind, (needed.get(kind) ?? 0) + 1);
          const broken = Buffer.from(primary);
          const at = firstSeenByte(broken, rmgrId, Math.max(24, readPageHeader(primary).upper));
          if (at < 8192) {
            broken[at] = broken[at]! ^ 0x01;
            assert.isFalse(mask(broken).equals(expected), `${where} byte ${at}`);
          }
          continue;
        }
        const fields = diffPages(expected, mask(primary), kind, Infinity).ranges.map(({ field }) => field);
        const others = fields.filter((field) => !isUnloggedField(kind, field));
        assert.deepEqual(others, [], `${kind} ${where}`);
        unlogged++;
      }
      assert.deepEqual([...equal.keys()].toSorted(), [...wanted]);
      assert.includeMembers([...needed.keys()], ['btree', 'gin', 'gist', 'heap', 'spgist']);
      // Two sequences amid their 32 values, one SP-GiST index.
      assert.equal(unlogged, 3);

      const maps = readBoth(cluster.dataDirectory, oracleDirectory, visibilityMapFork);
      assert.isAbove(maps.length, 100);
      for (const { where, primary, recovered } of maps)
        assert.isTrue(recovered?.equals(primary), `vm ${where}`);
      const inits = readBoth(cluster.dataDirectory, oracleDirectory, initFork);
      assert.isNotEmpty(inits);
      // On the primary of 14 and 15 these pages go to their files before anything gives them an LSN.
      for (const { where, primary, recovered } of inits)
        assert.isTrue(recovered?.subarray(lsnBytes).equals(primary.subarray(lsnBytes)), `init ${where}`);

      using oracle = new DataDirectoryPages(oracleDirectory);
      const source = (number: number): Buffer =>
        readFileSync(join(cluster.dataDirectory, 'pg_wal', segmentFileName(1, number, segmentSizeBytes)));
      const reader = new RecordReader({ source, major, timeline: 1, startLsn, endLsn, segmentSizeBytes });
      const decoder = new RecordDecoder(major);
      const equalImages = new Map<number, number>();
      for (let raw = reader.next(); raw !== undefined; raw = reader.next()) {
        const { rmgrId, blocks } = decoder.decode(raw);
        for (const block of blocks) {
          // An image that redo applies says nothing of redo; and only a page's last record tells what it is now.
          if (block.image === undefined || block.applyImage || block.forkNumber !== 0) continue;
          const page = oracle.readPage(block);
          if (page === undefined || readPageHeader(page).lsn !== raw.endLsn) continue;
          const image = maskPage(restoreImage(raw, block), rmgrId, block.blockNumber);
          if (!image.equals(maskPage(page, rmgrId, block.blockNumber))) {
            assert.fail(`rmgr ${rmgrId}, ${block.relNumber} block ${block.blockNumber}`);
          }
          equalImages.set(rmgrId, (equalImages.get(rmgrId) ?? 0) + 1);
        }
      }
      for (const rmgrId of [9, 10, 11, 12, 13, 14, 15, 16, 17]) {
        assert.isAbove(equalImages.get(rmgrId) ?? 0, 0, `rmgr ${rmgrId}`);
      }
    });
  }
});
