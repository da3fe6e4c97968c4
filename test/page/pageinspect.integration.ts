import { test } from '@japa/runner';
import type { Client } from 'pg';

import { pageChecksum } from '../../harness/page/checksum.ts';
import { readPageHeader } from '../../harness/page/header.ts';
import { readItems } from '../../harness/page/item.ts';
import { guessPageKind } from '../../harness/page/kind.ts';
import { openComputeImage } from '../support/compute-image.ts';
import { RealCluster } from '../support/real-cluster.ts';
import { Fields, numberOrNull, query, readPages, textOrNull } from './inspected.ts';
import type { Row } from './inspected.ts';

function ourHeader(page: Buffer): Row {
  const header = readPageHeader(page);
  return {
    lsn: header.lsnText,
    checksum: header.checksum,
    flags: header.flags,
    lower: header.lower,
    upper: header.upper,
    special: header.special,
    pagesize: header.pageSizeVersion & 0xff00,
    version: header.pageSizeVersion & 0x00ff,
    prune_xid: header.pruneXid,
  };
}

function theirHeader(row: Row): Row {
  const { lsn, checksum, flags, lower, upper, special, pagesize, version, prune_xid } = row;
  // checksum is a signed smallint there.
  return {
    lsn,
    checksum: Number(checksum) & 0xffff,
    flags,
    lower,
    upper,
    special,
    pagesize,
    version,
    prune_xid: Number(prune_xid),
  };
}

const lineStates = ['unused', 'normal', 'redirect', 'dead'];

function ourHeapItems(page: Buffer): readonly Row[] {
  const fields = new Fields(page, 'heap');
  return readItems(page, readPageHeader(page)).map((item) => {
    const of = `of item ${item.number}`;
    const data = fields.bytes(`data ${of}`);
    return {
      lp: item.number,
      lp_off: item.offset,
      lp_flags: lineStates.indexOf(item.state),
      lp_len: item.length,
      t_xmin: fields.number(`t_xmin ${of}`),
      t_xmax: fields.number(`t_xmax ${of}`),
      t_field3: fields.number(`t_field3 (t_cid) ${of}`),
      t_ctid: fields.pointer(`t_ctid ${of}`),
      t_infomask2: fields.number(`t_infomask2 ${of}`),
      t_infomask: fields.number(`t_infomask ${of}`),
      t_hoff: fields.number(`t_hoff ${of}`),
      t_data: item.length === 0 ? null : data.toString('hex'),
    };
  });
}

async function theirHeapItems(client: Client, page: Buffer): Promise<readonly Row[]> {
  const rows = await query(
    client,
    `SELECT lp, lp_off, lp_flags, lp_len, t_xmin::text, t_xmax::text, t_field3, t_ctid::text, t_infomask2, t_infomask,
            t_hoff, encode(t_data, 'hex') AS t_data FROM heap_page_items($1)`,
    [page],
  );
  return rows.map((row) => ({
    ...row,
    t_xmin: numberOrNull(row['t_xmin']),
    t_xmax: numberOrNull(row['t_xmax']),
    t_field3: row['t_field3'] === null ? null : Number(row['t_field3']) >>> 0,
  }));
}

function ourBtreeItems(page: Buffer): readonly Row[] {
  const fields = new Fields(page, 'btree');
  const hasHighKey = fields.number('btpo_next') !== 0;
  return readItems(page, readPageHeader(page)).map((item) => {
    const of = `of item ${item.number}${hasHighKey && item.number === 1 ? ' (high key)' : ''}`;
    const info = fields.number(`t_info ${of}`) ?? 0;
    const postings: (string | null)[] = [];
    while (fields.pointer(`posting[${postings.length}] ${of}`) !== null) {
      postings.push(fields.pointer(`posting[${postings.length}] ${of}`));
    }
    return {
      itemoffset: item.number,
      ctid: fields.pointer(`t_tid ${of}`),
      itemlen: info & 0x1fff,
      nulls: (info & 0x8000) !== 0,
      vars: (info & 0x4000) !== 0,
      key: fields.bytes(`key ${of}`).toString('hex'),
      tids: postings.length === 0 ? null : postings,
      pivotTid: fields.pointer(`heap TID ${of}`),
    };
  });
}

async function theirBtreeItems(client: Client, page: Buffer): Promise<readonly Row[]> {
  const rows = await query(
    client,
    `SELECT itemoffset, ctid::text, itemlen, nulls, vars, data, htid::text, tids::text[] FROM bt_page_items($1)`,
    [page],
  );
  return rows.map(({ data, htid, ...row }) => ({
    ...row,
    key: textOrNull(data)?.replaceAll(' ', ''),
    // Elsewhere htid repeats what ctid or tids say.
    pivotTid: row['tids'] === null && htid !== row['ctid'] ? htid : null,
  }));
}

test.group('the page readers and pageinspect', () => {
  for (const major of [15, 17]) {
    test(`agree on the pages of ${major}`, async ({ assert }) => {
      await using host = await openComputeImage(major);
      await using cluster = await RealCluster.make(host, major, ['--data-checksums']);
      await cluster.runScript({});
      await using server = await cluster.start({});
      const client = await server.connect();
      try {
        await client.query('CREATE EXTENSION pageinspect');
        const counts = { heap: 0, btree: 0, checksums: 0 };
        const relations = await query(
          client,
          `SELECT c.oid::regclass::text AS name, coalesce(am.amname, 'sequence') AS am FROM pg_class c LEFT JOIN pg_am am ON am.oid = c.relam
            WHERE c.relkind IN ('r', 't', 'i', 'S', 'm') AND c.relpersistence = 'p' AND pg_relation_size(c.oid) > 0
              AND coalesce(am.amname, 'sequence') IN ('heap', 'btree', 'sequence') ORDER BY 1`,
        );
        for (const { name, am } of relations) {
          for (const { page, block, header } of await readPages(client, String(name), 'main')) {
            const where = `${String(name)} block ${block}`;
            assert.deepEqual(ourHeader(page), theirHeader(header), where);
            if (readPageHeader(page).upper === 0) continue;
            assert.equal(guessPageKind(page), am, where);
            // A page that was changed in memory gets its checksum only when it is written.
            counts.checksums += Number(pageChecksum(page, block) === readPageHeader(page).checksum);
            if (am === 'heap') {
              counts.heap++;
              assert.deepEqual(ourHeapItems(page), await theirHeapItems(client, page), where);
            } else if (am === 'btree' && block > 0) {
              counts.btree++;
              const fields = new Fields(page, 'btree');
              const stats = await query(client, 'SELECT * FROM bt_page_stats($1, $2)', [name, block]);
              assert.equal(fields.number('btpo_prev'), stats[0]?.['btpo_prev'], where);
              assert.equal(fields.number('btpo_next'), stats[0]?.['btpo_next'], where);
              assert.equal(fields.number('btpo_level'), stats[0]?.['btpo_level'], where);
              if (stats[0]?.['type'] === 'd') continue;
              assert.deepEqual(ourBtreeItems(page), await theirBtreeItems(client, page), where);
            } else if (am === 'btree') {
              const fields = new Fields(page, 'btree');
              const [meta] = await query(client, 'SELECT * FROM bt_metap($1)', [name]);
              for (const column of ['magic', 'version', 'root', 'level', 'fastroot', 'fastlevel']) {
                assert.equal(fields.number(`btm_${column}`), Number(meta?.[column]), `${where} ${column}`);
              }
              assert.equal(fields.number('btm_allequalimage'), Number(meta?.['allequalimage']), where);
            }
          }
        }
        assert.isAbove(counts.heap, 300);
        assert.isAbove(counts.btree, 100);
        assert.isAbove(counts.checksums, 300);
      } finally {
        await client.end();
      }
    });
  }
});
