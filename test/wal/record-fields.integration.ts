import { test } from '@japa/runner';

import { decodeRecord } from '../../harness/wal/decode.ts';
import { parseLsn } from '../../harness/wal/lsn.ts';
import { recordKind, rmgrName } from '../../harness/wal/names.ts';
import { recordFields } from '../../harness/wal/record-fields.ts';
import { openComputeImage } from '../support/compute-image.ts';
import { RealCluster } from '../support/real-cluster.ts';
import { readClusterWal, waldump } from './cluster-wal.ts';

/** pg_waldump's words for each record, by its LSN. */
async function descriptions(
  cluster: RealCluster,
  startLsn: number,
  endLsn: number,
): Promise<ReadonlyMap<number, string>> {
  const { stdout } = await waldump(cluster, startLsn, endLsn);
  return new Map(
    [...stdout.toString('utf8').matchAll(/lsn: (\S+), prev \S+, desc: \S+ ?(.*?)(?:,? blkref #.*)?$/gm)].map(
      ([, lsn, words]) => [parseLsn(lsn ?? ''), words ?? ''],
    ),
  );
}

/** What pg_waldump leaves out, or tells in words of its own. */
const unprinted = [
  /^Btree (MARK_PAGE_HALFDEAD poffset|NEWROOT rootblk)$/,
  /^Gin (CREATE_PTREE|INSERT|INSERT_LISTPAGE|SPLIT) /,
  /^Gist (PAGE_SPLIT orig\w+|PAGE_UPDATE \w+)$/,
  /^Hash INIT_META_PAGE procid$/,
  /^Heap2? \S+ (\w*infobits_set|xmax)$/,
  /^Heap2 PRUNE_\w+ flags$/,
  /^Sequence LOG (last_value|log_cnt)$/,
];

test.group('fields of records and pg_waldump', () => {
  for (const major of [15, 17])
    test(`agree on ${String(major)}`, async ({ assert }) => {
      await using host = await openComputeImage(major);
      await using cluster = await RealCluster.make(host, major, ['--wal-segsize=16']);
      const startLsn = (await cluster.readControlFile()).checkpointLsn;
      await cluster.runScript({ full_page_writes: 'off' });
      const { reader, endLsn } = await readClusterWal(cluster, startLsn);
      const theirs = await descriptions(cluster, startLsn, endLsn);
      const missed = new Map<string, string>();
      const met = new Set<string>();
      for (let raw = reader.next(); raw !== undefined; raw = reader.next()) {
        const { rmgrId, info, mainDataOffset, mainDataLength } = decodeRecord(raw, major);
        const [rmgr, kind] = [rmgrName(rmgrId, major), recordKind(rmgrId, info, major)];
        const data = raw.bytes.subarray(mainDataOffset, mainDataOffset + mainDataLength);
        const words = theirs.get(raw.startLsn) ?? '';
        const numbers = new Set(words.match(/0x[0-9a-fA-F]+|-?\d+/g)?.map(Number));
        for (const { name, value } of recordFields(rmgr, kind, data, major)) {
          if (value === 'true' || value === 'false') continue;
          const key = `${rmgr} ${kind} ${name}`;
          if (numbers.has(Number(value))) met.add(key);
          else missed.set(key, `${value} in: ${words}`);
        }
      }
      const unexplained = [...missed].filter(([key]) => !unprinted.some((pattern) => pattern.test(key)));
      assert.deepEqual(unexplained, []);
      assert.isAbove(met.size, 70);
    });
});
