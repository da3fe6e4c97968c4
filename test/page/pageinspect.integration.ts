import { test } from '@japa/runner';

import { pageChecksum } from '../../harness/page/checksum.ts';
import { readPageHeader } from '../../harness/page/header.ts';
import { guessPageKind } from '../../harness/page/kind.ts';
import { openComputeImage } from '../support/compute-image.ts';
import { RealCluster } from '../support/real-cluster.ts';
import { compareBtreeItems, compareHeader, compareHeapItems } from './inspect-items.ts';
import { Fields, query, readPages } from './inspected.ts';

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
            const inspected = { client, assert, page, where };
            compareHeader(inspected, header);
            if (readPageHeader(page).upper === 0) continue;
            assert.equal(guessPageKind(page), am, where);
            // A page that was changed in memory gets its checksum only when it is written.
            counts.checksums += Number(pageChecksum(page, block) === readPageHeader(page).checksum);
            if (am === 'heap') {
              counts.heap++;
              await compareHeapItems(inspected);
            } else if (am === 'btree' && block > 0) {
              counts.btree++;
              const fields = new Fields(page, 'btree');
              const stats = await query(client, 'SELECT * FROM bt_page_stats($1, $2)', [name, block]);
              assert.equal(fields.number('btpo_prev'), stats[0]?.['btpo_prev'], where);
              assert.equal(fields.number('btpo_next'), stats[0]?.['btpo_next'], where);
              assert.equal(fields.number('btpo_level'), stats[0]?.['btpo_level'], where);
              if (stats[0]?.['type'] === 'd') continue;
              await compareBtreeItems(inspected);
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
