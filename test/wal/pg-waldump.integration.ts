import { test } from '@japa/runner';

import type { Host } from '../../harness/host/engine.ts';
import { RecordDecoder } from '../../harness/wal/decode.ts';
import type { DecodedRecord } from '../../harness/wal/decode.ts';
import { restoreImage } from '../../harness/wal/image.ts';
import { formatLsn, parseLsn } from '../../harness/wal/lsn.ts';
import { forkName, recordKind, rmgrName } from '../../harness/wal/names.ts';
import type { RawRecord } from '../../harness/wal/raw-record.ts';
import { openComputeImage } from '../support/compute-image.ts';
import { RealCluster } from '../support/real-cluster.ts';
import { readClusterWal, waldump } from './cluster-wal.ts';

/** What pg_waldump says of each record, one line of the same form as `ourLine`. */
async function waldumpLines(
  cluster: RealCluster,
  startLsn: number,
  endLsn: number,
): Promise<readonly string[]> {
  const { stdout, stderr, ending } = await waldump(cluster, startLsn, endLsn);
  if (ending.kind !== 'exited' || ending.exitCode !== 0) return [stderr];
  return stdout.toString('utf8').trimEnd().split('\n').map(theirLine);
}

function theirLine(line: string): string {
  const match =
    /^rmgr: (\S+) +len \(rec\/tot\): +(\d+)\/ *(\d+), tx: +(\d+), lsn: (\S+), prev (\S+), desc: (\S+)(.*)$/.exec(
      line,
    );
  if (match === null) return `not understood: ${line}`;
  const [rmgr, partial, total, xid, lsn, prev, kind, rest] = match.slice(1);
  const references = [
    ...rest!.matchAll(
      /blkref #(\d+): rel (\d+\/\d+\/\d+)(?: fork (\w+))? blk (\d+)( FPW(?: for WAL verification)?)?/g,
    ),
  ].map(([, id, relation, fork, block, image]) =>
    [id, relation, fork ?? 'main', block, image?.trim() ?? ''].join(' '),
  );
  const place = [lsn!, prev!].map((text) => formatLsn(parseLsn(text)));
  return [rmgr, kind, partial, total, xid, ...place, ...references].join('|');
}

function ourLine(raw: RawRecord, record: DecodedRecord, major: number): string {
  let imageBytes = 0;
  const references = record.blocks.map((block) => {
    imageBytes += block.image?.length ?? 0;
    const image = block.hasImage ? (block.applyImage ? 'FPW' : 'FPW for WAL verification') : '';
    const relation = `${block.spcOid}/${block.dbOid}/${block.relNumber}`;
    return [block.id, relation, forkName(block.forkNumber), block.blockNumber, image].join(' ');
  });
  return [
    rmgrName(record.rmgrId, major),
    recordKind(record.rmgrId, record.info, major),
    raw.length - imageBytes,
    raw.length,
    record.xid,
    formatLsn(raw.startLsn),
    formatLsn(record.prevLsn),
    ...references,
  ].join('|');
}

/** True for what can be a page: the size and layout version of one, or zeros. */
function isPage(image: Buffer): boolean {
  const sizeAndVersion = image.readUInt16LE(18);
  return sizeAndVersion === 0x2004 || image.every((byte) => byte === 0);
}

const cases = [
  { major: 15, segmentMegabytes: 1, settings: { full_page_writes: 'off' } },
  { major: 15, segmentMegabytes: 16, settings: { wal_compression: 'pglz', wal_level: 'logical' } },
  { major: 15, segmentMegabytes: 16, settings: { wal_compression: 'zstd' } },
  { major: 17, segmentMegabytes: 16, settings: { wal_compression: 'lz4' } },
  { major: 17, segmentMegabytes: 1, settings: { wal_compression: 'pglz', wal_log_hints: 'on' } },
  {
    major: 17,
    segmentMegabytes: 64,
    settings: { wal_consistency_checking: 'all', track_commit_timestamp: 'on' },
  },
] as const;

test.group('the WAL reader and pg_waldump', () => {
  for (const { major, segmentMegabytes, settings } of cases) {
    const title = Object.entries(settings).map((entry) => entry.join('='));
    test(`agree on every record of ${major}: ${title.join(', ')}, segments of ${segmentMegabytes} MB`, async ({
      assert,
    }) => {
      await using host: Host = await openComputeImage(major);
      await using cluster = await RealCluster.make(host, major, [`--wal-segsize=${segmentMegabytes}`]);
      const startLsn = (await cluster.readControlFile()).checkpointLsn;
      await cluster.runScript(settings);
      const { reader, endLsn } = await readClusterWal(cluster, startLsn);
      const theirs = await waldumpLines(cluster, startLsn, endLsn);
      const decoder = new RecordDecoder(major);
      const methods = new Set<string>();
      let index = 0;
      for (let raw = reader.next(); raw !== undefined; raw = reader.next(), index++) {
        const record = decoder.decode(raw);
        const line = ourLine(raw, record, major);
        if (line !== theirs[index]) assert.equal(line, theirs[index], `record ${index}`);
        for (const block of record.blocks) {
          if (block.image === undefined) continue;
          methods.add(block.image.compression);
          if (!isPage(restoreImage(raw, block)))
            assert.fail(`${line}: image of block ${block.id} is no page`);
        }
      }
      assert.equal(index, theirs.length);
      assert.isAbove(index, 30_000);
      const method = 'wal_compression' in settings ? settings.wal_compression : undefined;
      assert.deepEqual(
        [...methods].toSorted(),
        method === undefined ? ['none'] : [method, 'none'].toSorted(),
      );
    });
  }
});
