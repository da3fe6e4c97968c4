import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { DataDirectoryPages } from '../../harness/compute/data-directory.ts';
import { decodeRecord } from '../../harness/wal/decode.ts';
import type { DecodedRecord } from '../../harness/wal/decode.ts';
import { storageEffects } from '../../harness/wal/effects.ts';
import { recordKind } from '../../harness/wal/names.ts';
import type { RawRecord } from '../../harness/wal/raw-record.ts';
import { RecordReader } from '../../harness/wal/record-reader.ts';
import { segmentFileName } from '../../harness/wal/segment.ts';
import { visibilityMapClear } from '../../harness/wal/visibility-map-clears.ts';
import { openComputeImage } from '../support/compute-image.ts';
import { RealCluster } from '../support/real-cluster.ts';
import { testedMajors } from '../support/tested-majors.ts';

/** Heap records on pages that are all-visible or frozen: of each kind that clears bits. */
const statements = [
  'CREATE TABLE t (id int PRIMARY KEY, n int, body text) WITH (autovacuum_enabled = off, fillfactor = 90)',
  `INSERT INTO t SELECT n, n, repeat('x', 200) FROM generate_series(1, 20000) n`,
  'VACUUM (FREEZE) t',
  'DELETE FROM t WHERE id % 300 = 0',
  'UPDATE t SET n = n + 1 WHERE id % 301 = 0',
  `UPDATE t SET body = repeat('y', 900) WHERE id % 307 = 0`,
  'SELECT count(*) FROM (SELECT * FROM t WHERE id % 311 = 0 FOR UPDATE) locked',
  'VACUUM t',
  `INSERT INTO t SELECT n, n, 'few' FROM generate_series(20001, 20010) n`,
  'VACUUM (FREEZE) t',
  // Bits that are gone already: on newer minors such a record names no page of the map.
  'DELETE FROM t WHERE id % 300 = 1',
  'DELETE FROM t WHERE id % 300 = 2',
  `UPDATE t SET body = repeat('z', 900) WHERE id % 300 = 3`,
  'DELETE FROM t WHERE id > 15000',
  'VACUUM t',
  'CREATE TABLE copied (id int, body text) WITH (autovacuum_enabled = off)',
  `INSERT INTO copied SELECT n, repeat('x', 500) FROM generate_series(1, 3000) n`,
  'VACUUM (FREEZE) copied',
  `INSERT INTO copied SELECT n, '' FROM generate_series(1, 50) n`,
];

const heapBlocksPerMapPage = (8192 - 24) * 4;

/** All visibility maps, as relation and heap block to its two bits; blocks without bits are left out. */
class Bits {
  readonly values = new Map<string, number>();

  static read(directory: string): Bits {
    const bits = new Bits();
    using pages = new DataDirectoryPages(directory);
    for (const fork of pages.forks()) {
      if (fork.forkNumber !== 2) continue;
      for (let blockNumber = 0; blockNumber < fork.blocks; blockNumber++) {
        const page = pages.readPage({ ...fork, blockNumber })!;
        for (let index = 0; index < heapBlocksPerMapPage; index++) {
          const both = (page[24 + (index >>> 2)]! >>> (2 * (index & 3))) & 3;
          bits.change(fork, blockNumber * heapBlocksPerMapPage + index, 0, both);
        }
      }
    }
    return bits;
  }

  change(
    { spcOid, dbOid, relNumber }: { spcOid: number; dbOid: number; relNumber: number },
    heapBlock: number,
    clear: number,
    set: number,
  ): void {
    const key = `${spcOid}/${dbOid}/${relNumber} ${heapBlock}`;
    const value = ((this.values.get(key) ?? 0) & ~clear) | set;
    if (value === 0) this.values.delete(key);
    else this.values.set(key, value);
  }

  cut(relation: { spcOid: number; dbOid: number; relNumber: number }, heapBlocks: number): void {
    const prefix = `${relation.spcOid}/${relation.dbOid}/${relation.relNumber} `;
    for (const key of this.values.keys()) {
      if (key.startsWith(prefix) && Number(key.slice(prefix.length)) >= heapBlocks) this.values.delete(key);
    }
  }

  sorted(): readonly string[] {
    return [...this.values].map(([key, value]) => `${key}: ${value}`).toSorted();
  }
}

/** How redo of the records changes the maps; `passing` counts the clears that no block reference names, by kind. */
function follow(bits: Bits, raw: RawRecord, decoded: DecodedRecord, passing: Map<string, number>): void {
  const kind = recordKind(decoded.rmgrId, decoded.info, 17);
  if (decoded.rmgrId === 9 && kind === 'VISIBLE') {
    const heap = decoded.blocks[1]!;
    bits.change(heap, heap.blockNumber, 0, raw.bytes[decoded.mainDataOffset + 4]! & 3);
  }
  for (const effect of storageEffects(raw, decoded, 17)) {
    if (effect.kind === 'drop-relations') for (const one of effect.relations) bits.cut(one, 0);
    if (effect.kind === 'truncate') bits.cut(effect.relation, effect.blocks);
    if (effect.kind === 'clear-visibility-map') passing.set(kind, (passing.get(kind) ?? 0) + 1);
  }
  // Without their map pages, records of newer minors say what they clear in the old way.
  const blocks = decoded.blocks.filter(({ forkNumber }) => forkNumber !== 2);
  const clear = visibilityMapClear(raw, { ...decoded, blocks });
  for (const one of clear?.heapBlocks ?? []) {
    bits.change(clear!.relation, one.heapBlock, one.bits === 'all' ? 3 : 2, 0);
  }
}

test.group('visibility-map bits that redo clears in passing, on real WAL', () => {
  for (const major of testedMajors([14, 15, 16, 17, 18])) {
    test(`explain every bit of the maps of ${major}: a standby's and the primary's`, async ({ assert }) => {
      await using host = await openComputeImage(major);
      await using cluster = await RealCluster.make(host, major);
      await cluster.keepBase();
      const { checkpointLsn: startLsn } = await cluster.readControlFile();
      await cluster.run({ full_page_writes: 'off', autovacuum: 'off' }, statements);
      const control = await cluster.readControlFile();
      const oracle = await cluster.recover();

      const bits = Bits.read(cluster.baseDirectory);
      const kept = Bits.read(cluster.baseDirectory);
      const passing = new Map<string, number>();
      let named = 0;
      const { walSegmentSizeBytes: segmentSizeBytes, checkpointLsn: endLsn } = control;
      const source = (number: number): Buffer =>
        readFileSync(join(cluster.dataDirectory, 'pg_wal', segmentFileName(1, number, segmentSizeBytes)));
      const reader = new RecordReader({ source, major, timeline: 1, startLsn, endLsn, segmentSizeBytes });
      for (let raw = reader.next(); raw !== undefined; raw = reader.next()) {
        const decoded = decodeRecord(raw, major);
        follow(bits, raw, decoded, passing);
        const isVisible = decoded.rmgrId === 9 && (decoded.info & 0x70) === 0x40;
        if (isVisible) follow(kept, raw, decoded, new Map());
        else if (decoded.blocks.some(({ forkNumber }) => forkNumber === 2)) named++;
      }

      assert.isAbove(bits.values.size, 100);
      assert.deepEqual(bits.sorted(), Bits.read(oracle).sorted());
      assert.deepEqual(bits.sorted(), Bits.read(cluster.dataDirectory).sorted());
      assert.notDeepEqual(kept.sorted(), bits.sorted(), 'the clears matter');
      const kinds = [...passing.keys()].toSorted();
      // 17.11 names the pages of the map except where the bits were gone already.
      if (named === 0) assert.includeMembers(kinds, ['DELETE', 'HOT_UPDATE', 'INSERT', 'LOCK', 'UPDATE']);
      else assert.isAbove(named, 100);
    });
  }
});
