import { test } from '@japa/runner';

import { readPageHeader } from '../../harness/page/header.ts';
import { guessPageKind } from '../../harness/page/kind.ts';
import { openComputeImage } from '../support/compute-image.ts';
import { RealCluster } from '../support/real-cluster.ts';
import { compareIndexPage } from './inspect-index-pages.ts';
import { readPages } from './inspected.ts';

/** Kinds of pages that the script is known to make: a comparison that met none of a kind has proved nothing. */
const wanted = [
  'brin meta',
  'brin regular',
  'brin revmap',
  'gin {data,leaf,compressed}',
  'gin {data}',
  'gin {list,list_fullrow}',
  'gin {leaf}',
  'gin {meta}',
  'gist {leaf}',
  'gist {}',
  'hash bitmap',
  'hash bucket',
  'hash metapage',
  'hash overflow',
];

test.group('the readers of other indexes and pageinspect', () => {
  for (const major of [15, 17]) {
    test(`agree on the pages of ${major}`, async ({ assert }) => {
      await using host = await openComputeImage(major);
      await using cluster = await RealCluster.make(host, major);
      await cluster.runScript({});
      await using server = await cluster.start({});
      const client = await server.connect();
      try {
        await client.query('CREATE EXTENSION pageinspect');
        const met = new Set<string>();
        for (const [relation, kind] of [
          ['plain_hash', 'hash'],
          ['rich_gin', 'gin'],
          ['posted_gin', 'gin'],
          ['rich_gist', 'gist'],
          ['plain_brin', 'brin'],
        ] as const) {
          for (const { page, block } of await readPages(client, relation, 'main')) {
            if (readPageHeader(page).upper === 0) continue;
            const where = `${relation} block ${block}`;
            assert.equal(guessPageKind(page), kind, where);
            // No later minor than 17.11 sets that flag.
            const kindOfPage = await compareIndexPage[kind]({ client, assert, page, where }, relation);
            met.add(kindOfPage.replace(',tuples_deleted', ''));
          }
        }
        for (const { page, block } of await readPages(client, 'rich_spgist', 'main')) {
          assert.equal(guessPageKind(page), 'spgist', `block ${block}`);
        }
        const missing = wanted.filter((one) => !met.has(one));
        assert.deepEqual(missing, [], [...met].join('; '));
      } finally {
        await client.end();
      }
    });
  }
});
