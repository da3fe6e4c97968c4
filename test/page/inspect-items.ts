import type { Client } from 'pg';

import { readPageHeader } from '../../harness/page/header.ts';
import { readItems } from '../../harness/page/item.ts';
import { Fields, numberOrNull, query, textOrNull } from './inspected.ts';
import type { Inspected, Row } from './inspected.ts';

/* Pages of tables and btrees as we read them, and as pageinspect reads the same bytes. */

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

/** Compares every field of the header. */
export function compareHeader({ assert, page, where }: Inspected, theirs: Row): void {
  assert.deepEqual(ourHeader(page), theirHeader(theirs), where);
}

/** Compares every field of every line pointer and tuple of a heap page. */
export async function compareHeapItems({ client, assert, page, where }: Inspected): Promise<void> {
  assert.deepEqual(ourHeapItems(page), await theirHeapItems(client, page), where);
}

/** Compares every field of every tuple of a btree page that is not deleted, nor the metapage. */
export async function compareBtreeItems({ client, assert, page, where }: Inspected): Promise<void> {
  assert.deepEqual(ourBtreeItems(page), await theirBtreeItems(client, page), where);
}
