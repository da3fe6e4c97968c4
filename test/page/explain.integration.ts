import { test } from '@japa/runner';
import type { Assert } from '@japa/assert';
import type { Client } from 'pg';

import { explainPage } from '../../harness/page/explain.ts';
import type { ExplainedField } from '../../harness/page/explain.ts';
import { openComputeImage } from '../support/compute-image.ts';
import { RealCluster } from '../support/real-cluster.ts';
import { testedMajors } from '../support/tested-majors.ts';
import { compareKeys } from './compared-keys.ts';
import { query, readPages } from './inspected.ts';

function valueOf(fields: readonly ExplainedField[], name: string): string {
  return fields.find((one) => one.name === name)?.value ?? '';
}

/** pageinspect's words for flags, `{data,leaf}`, as a sorted list. */
function words(value: unknown): readonly string[] {
  const text = Array.isArray(value) ? value.map(String) : String(value).slice(1, -1).split(',');
  return text.filter((word) => word !== '').toSorted();
}

/** Our names of flags in the form of pageinspect's words for indexes. */
function withoutPrefix(names: string): readonly string[] {
  return names === '0'
    ? []
    : names
        .split(' ')
        .map((name) => name.replace(/^(GIN|F)_/, '').toLowerCase())
        .toSorted();
}

/** Names that stand for several bits, as pageinspect's raw flags have them. */
const combined: Readonly<Record<string, readonly string[]>> = {
  HEAP_XMIN_FROZEN: ['HEAP_XMIN_COMMITTED', 'HEAP_XMIN_INVALID'],
  HEAP_XMAX_SHR_LOCK: ['HEAP_XMAX_KEYSHR_LOCK', 'HEAP_XMAX_EXCL_LOCK'],
};

async function compareHeap(client: Client, relation: string, assert: Assert): Promise<ReadonlySet<string>> {
  const met = new Set<string>();
  for (const { page, block } of await readPages(client, relation, 'main')) {
    const theirs = await query(
      client,
      `SELECT lp, t_ctid::text, t_bits, t_hoff, raw_flags
         FROM heap_page_items($1), heap_tuple_infomask_flags(t_infomask, t_infomask2)
        WHERE t_infomask IS NOT NULL`,
      [page],
    );
    const { items } = explainPage(page, 'heap');
    for (const row of theirs) {
      const fields = items[Number(row['lp']) - 1]!.fields;
      const names = `${valueOf(fields, 't_infomask')} ${valueOf(fields, 't_infomask2')}`.split(' ');
      const flags = names.filter((name) => name.startsWith('HEAP_'));
      flags.forEach((name) => met.add(name));
      const where = `${relation} block ${block} item ${String(row['lp'])}`;
      assert.deepEqual(
        flags.flatMap((name) => combined[name] ?? [name]).toSorted(),
        words(row['raw_flags']),
        where,
      );
      assert.equal(valueOf(fields, 't_ctid'), row['t_ctid'], where);
      assert.equal(valueOf(fields, 't_hoff'), String(row['t_hoff']), where);
      assert.equal(valueOf(fields, 't_bits').replaceAll(' ', ''), row['t_bits'] ?? '', where);
    }
  }
  return met;
}

async function compareIndexFlags(
  client: Client,
  relation: string,
  kind: 'gin' | 'gist',
  assert: Assert,
): Promise<void> {
  for (const { page, block } of await readPages(client, relation, 'main')) {
    const [row] = await query(client, `SELECT flags FROM ${kind}_page_opaque_info($1)`, [page]);
    const { special } = explainPage(page, kind);
    assert.deepEqual(
      withoutPrefix(valueOf(special, 'flags')),
      words(row?.['flags']),
      `${relation} block ${block}`,
    );
  }
}

test.group('explained values and pageinspect', () => {
  for (const major of testedMajors([14, 15, 16, 17, 18])) {
    test(`agree on the pages of ${major}`, async ({ assert }) => {
      await using host = await openComputeImage(major);
      await using cluster = await RealCluster.make(host, major);
      await cluster.runScript({}, [
        'CREATE TABLE locked AS SELECT n AS id, NULL::int AS empty FROM generate_series(1, 20) n',
        'SELECT * FROM locked WHERE id < 5 FOR UPDATE',
        'SELECT * FROM locked WHERE id BETWEEN 5 AND 8 FOR SHARE',
        'SELECT * FROM locked WHERE id BETWEEN 9 AND 12 FOR KEY SHARE',
        'UPDATE locked SET empty = 1 WHERE id > 15',
      ]);
      await using server = await cluster.start({});
      const client = await server.connect();
      try {
        await client.query('CREATE EXTENSION pageinspect');
        const met = new Set<string>();
        for (const relation of ['locked', 'plain', 'toasted', 'pg_class', 'pg_attribute']) {
          for (const name of await compareHeap(client, relation, assert)) met.add(name);
        }
        const wanted = ['HEAP_XMAX_SHR_LOCK', 'HEAP_XMIN_FROZEN', 'HEAP_HOT_UPDATED', 'HEAP_ONLY_TUPLE'];
        assert.includeMembers(
          [...met],
          [...wanted, 'HEAP_HASEXTERNAL', 'HEAP_XMAX_LOCK_ONLY', 'HEAP_UPDATED'],
        );
        await compareIndexFlags(client, 'rich_gist', 'gist', assert);
        await compareIndexFlags(client, 'rich_gin', 'gin', assert);
        await compareIndexFlags(client, 'posted_gin', 'gin', assert);
        await compareKeys(client, assert);
      } finally {
        await client.end();
      }
    });
  }
});
