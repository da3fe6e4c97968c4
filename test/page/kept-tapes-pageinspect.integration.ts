import { join } from 'node:path';

import { test } from '@japa/runner';

import { isNewPage } from '../../harness/page/header.ts';
import type { PageKind } from '../../harness/page/kind.ts';
import { Tape } from '../../harness/redo/tape/tape.ts';
import { openComputeImage } from '../support/compute-image.ts';
import { RealCluster } from '../support/real-cluster.ts';
import { compareIndexPage } from './inspect-index-pages.ts';
import { compareBtreeItems, compareHeader, compareHeapItems } from './inspect-items.ts';
import { Fields, query, type Inspected } from './inspected.ts';

/** pageinspect takes BRIN's tuples apart by an index of the same columns: those of the tapes' workload. */
const brinIndexes = `CREATE SCHEMA every;
  CREATE TABLE every.ranged (id int, at int NOT NULL, note text NOT NULL);
  CREATE INDEX ranged_note ON every.ranged USING brin (note);
  CREATE INDEX ranged_again ON every.ranged USING brin (at, note)`;

/** BTP_DELETED and BTP_META (access/nbtree.h): their items are no tuples, or there are none. */
const btreeWithoutTuples = 0x04 | 0x08;

async function compareFreeSpace({ client, assert, page, where }: Inspected): Promise<void> {
  const [row] = await query(client, 'SELECT fsm_page_contents($1) AS contents', [page]);
  const fields = new Fields(page, 'free-space-map');
  const theirs = String(row?.['contents']).trim().split('\n');
  assert.equal(theirs.pop(), `fp_next_slot: ${String(fields.number('fp_next_slot'))}`, where);
  for (const line of theirs) {
    const [slot, value] = line.split(': ');
    assert.equal(fields.number(`fp_nodes[${String(slot)}]`), Number(value), `${where}: ${line}`);
  }
}

async function compareItems(inspected: Inspected, kind: PageKind, relation: string): Promise<void> {
  switch (kind) {
    case 'heap':
    case 'sequence':
      return compareHeapItems(inspected);
    case 'btree': {
      const flags = new Fields(inspected.page, 'btree').number('btpo_flags') ?? 0;
      return (flags & btreeWithoutTuples) === 0 ? compareBtreeItems(inspected) : undefined;
    }
    case 'hash':
    case 'gin':
    case 'gist':
    case 'brin':
      await compareIndexPage[kind](inspected, relation);
      return undefined;
    case 'free-space-map':
      return compareFreeSpace(inspected);
    default:
      // pageinspect knows only the header of the others.
      return undefined;
  }
}

test.group('the pages of the tapes that are kept, and pageinspect', () => {
  for (const major of [14, 15, 16, 17, 18])
    test(`agree on every field, on ${String(major)}`, async ({ assert }) => {
      const tape = Tape.open(join(import.meta.dirname, `../../corpora/tapes/pg${String(major)}`));
      await using host = await openComputeImage(major);
      await using cluster = await RealCluster.make(host, major);
      await using server = await cluster.start({});
      const client = await server.connect();
      try {
        await client.query(`CREATE EXTENSION pageinspect; ${brinIndexes}`);
        const met = new Set<PageKind>();
        for (const request of tape.index) {
          if (request.oracle === 'none') continue;
          const page = tape.readOraclePage(request);
          const where = tape.nameOf(request.key);
          const kind = tape.pageKindOf(request.key, page);
          const [header] = await query(client, 'SELECT * FROM page_header($1)', [page]);
          const inspected = { client, assert, page, where };
          compareHeader(inspected, header ?? {});
          if (isNewPage(page)) continue;
          await compareItems(inspected, kind, where.split(' ')[0] ?? '');
          met.add(kind);
        }
        assert.includeMembers(
          [...met],
          ['brin', 'btree', 'free-space-map', 'gin', 'gist', 'hash', 'heap', 'sequence', 'spgist'],
        );
      } finally {
        await client.end();
      }
    });
});
