import { readPageHeader } from '../../harness/page/header.ts';
import { itemsOf } from '../../harness/page/page-items.ts';
import { Fields, query } from './inspected.ts';
import type { Inspected } from './inspected.ts';

/* Pages of hash, GIN, GiST and BRIN indexes as we read them, and as pageinspect reads the same bytes. */

/** Compares fields of ours, by name, with columns of pageinspect's. */
function compareFields(
  { assert, where }: Inspected,
  fields: Fields,
  row: Readonly<Record<string, unknown>> | undefined,
  pairs: Readonly<Record<string, string>>,
): void {
  for (const [field, column] of Object.entries(pairs)) {
    assert.equal(fields.number(field), Number(row?.[column]), `${where}: ${field}`);
  }
}

function numbersOf(list: unknown): readonly number[] {
  return Array.isArray(list) ? list.map(Number) : [];
}

async function compareHash(inspected: Inspected): Promise<string> {
  const { client, assert, page, where } = inspected;
  const fields = new Fields(page, 'hash');
  const type = String((await query(client, 'SELECT hash_page_type($1) AS type', [page]))[0]?.['type']);
  if (type === 'metapage') {
    const [meta] = await query(client, 'SELECT * FROM hash_metapage_info($1)', [page]);
    const names = [
      'magic',
      'version',
      'ffactor',
      'bsize',
      'bmsize',
      'bmshift',
      'maxbucket',
      'highmask',
      'lowmask',
    ];
    names.push('ovflpoint', 'firstfree', 'nmaps', 'procid');
    compareFields(inspected, fields, meta, Object.fromEntries(names.map((name) => [`hashm_${name}`, name])));
    assert.equal(fields.bytes('hashm_ntuples').readDoubleLE(), meta?.['ntuples'], where);
    const spares = numbersOf(meta?.['spares']);
    assert.deepEqual(
      spares.map((_, index) => fields.number(`hashm_spares[${index}]`)),
      spares,
      where,
    );
    const maps = numbersOf(meta?.['mapp']);
    assert.deepEqual(
      maps.map((_, index) => fields.number(`hashm_mapp[${index}]`)),
      maps,
      where,
    );
  } else if (type === 'bucket' || type === 'overflow') {
    const [stats] = await query(client, 'SELECT * FROM hash_page_stats($1)', [page]);
    const names = ['hasho_prevblkno', 'hasho_nextblkno', 'hasho_bucket', 'hasho_flag', 'hasho_page_id'];
    compareFields(inspected, fields, stats, Object.fromEntries(names.map((name) => [name, name])));
    const theirs = await query(client, 'SELECT itemoffset, ctid::text, data::text FROM hash_page_items($1)', [
      page,
    ]);
    const ours = itemsOf(page, readPageHeader(page), 'hash').map(({ number }) => ({
      itemoffset: number,
      ctid: fields.pointer(`t_tid of item ${number}`),
      data: String(fields.bytes(`key of item ${number}`).readUInt32LE()),
    }));
    assert.deepEqual(ours, [...theirs], where);
  }
  return `hash ${type}`;
}

async function compareGin(inspected: Inspected): Promise<string> {
  const { client, assert, page, where } = inspected;
  const fields = new Fields(page, 'gin');
  const [opaque] = await query(
    client,
    'SELECT rightlink, maxoff, flags::text FROM gin_page_opaque_info($1)',
    [page],
  );
  compareFields(inspected, fields, opaque, { rightlink: 'rightlink', maxoff: 'maxoff' });
  const flags = String(opaque?.['flags']);
  if (flags === '{meta}') {
    const [meta] = await query(client, 'SELECT * FROM gin_metapage_info($1)', [page]);
    compareFields(inspected, fields, meta, {
      head: 'pending_head',
      tail: 'pending_tail',
      tailFreeSize: 'tail_free_size',
      nPendingPages: 'n_pending_pages',
      nTotalPages: 'n_total_pages',
      nEntryPages: 'n_entry_pages',
      nDataPages: 'n_data_pages',
      ginVersion: 'version',
    });
    assert.equal(String(fields.bytes('nEntries').readBigInt64LE()), String(meta?.['n_entries']), where);
  } else if (flags === '{data,leaf,compressed}') {
    const theirs = await query(client, 'SELECT first_tid::text, nbytes FROM gin_leafpage_items($1)', [page]);
    const ours = theirs.map((_, index) => ({
      first_tid: fields.pointer(`first of posting list ${index + 1}`),
      nbytes: fields.number(`nbytes of posting list ${index + 1}`),
    }));
    assert.deepEqual(ours, [...theirs], where);
    assert.isNull(fields.number(`nbytes of posting list ${theirs.length + 1}`), where);
  }
  return `gin ${flags}`;
}

async function compareGist(inspected: Inspected): Promise<string> {
  const { client, assert, page, where } = inspected;
  const fields = new Fields(page, 'gist');
  const [opaque] = await query(
    client,
    'SELECT nsn::text, rightlink, flags::text FROM gist_page_opaque_info($1)',
    [page],
  );
  compareFields(inspected, fields, opaque, { rightlink: 'rightlink' });
  const nsn = fields.bytes('nsn');
  const text = [nsn.readUInt32LE(0), nsn.readUInt32LE(4)]
    .map((half) => half.toString(16).toUpperCase())
    .join('/');
  assert.equal(text, opaque?.['nsn'], where);
  const flags = String(opaque?.['flags']);
  if (flags.includes('deleted')) return `gist ${flags}`;
  const theirs = await query(
    client,
    `SELECT itemoffset, ctid::text, itemlen, encode(key_data, 'hex') AS tuple FROM gist_page_items_bytea($1)`,
    [page],
  );
  const ours = itemsOf(page, readPageHeader(page), 'gist').map(({ number }) => {
    const names = ['t_tid', 't_info', 'null bitmap', 'header padding', 'key'];
    const tuple = Buffer.concat(names.map((name) => fields.bytes(`${name} of item ${number}`)));
    return {
      itemoffset: number,
      ctid: fields.pointer(`t_tid of item ${number}`),
      itemlen: (fields.number(`t_info of item ${number}`) ?? 0) & 0x1fff,
      tuple: tuple.toString('hex'),
    };
  });
  assert.deepEqual(ours, [...theirs], where);
  return `gist ${flags}`;
}

async function compareBrin(inspected: Inspected, index: string): Promise<string> {
  const { client, assert, page, where } = inspected;
  const fields = new Fields(page, 'brin');
  const type = String((await query(client, 'SELECT brin_page_type($1) AS type', [page]))[0]?.['type']);
  if (type === 'meta') {
    const [meta] = await query(client, 'SELECT * FROM brin_metapage_info($1)', [page]);
    compareFields(inspected, fields, meta, {
      brinMagic: 'magic',
      brinVersion: 'version',
      pagesPerRange: 'pagesperrange',
      lastRevmapPage: 'lastrevmappage',
    });
  } else if (type === 'revmap') {
    const theirs = await query(client, 'SELECT pages::text FROM brin_revmap_data($1)', [page]);
    assert.deepEqual(
      theirs.map((_, index) => ({ pages: fields.pointer(`rm_tids[${index}]`) })),
      [...theirs],
      where,
    );
  } else {
    const theirs = await query(
      client,
      `SELECT DISTINCT itemoffset, blknum::text FROM brin_page_items($1, $2) WHERE blknum IS NOT NULL ORDER BY 1`,
      [page, index],
    );
    const ours = itemsOf(page, readPageHeader(page), 'brin')
      .filter(({ state }) => state === 'normal')
      .map(({ number }) => ({
        itemoffset: number,
        blknum: String(fields.number(`bt_blkno of item ${number}`)),
      }));
    assert.deepEqual(ours, [...theirs], where);
  }
  return `brin ${type}`;
}

/**
 * Compares what pageinspect knows of an index page with what we read in the same bytes; returns what kind of page it is, in
 * pageinspect's words. BRIN's tuples are read by the named index of the same columns.
 */
export const compareIndexPage = { hash: compareHash, gin: compareGin, gist: compareGist, brin: compareBrin };
