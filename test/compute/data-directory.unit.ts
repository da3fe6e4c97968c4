import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { DataDirectoryPages } from '../../harness/compute/data-directory.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { codeOf } from '../support/error-code.ts';

/** `blocks` pages, each filled with its number among them plus `first`. */
function pages(blocks: number, first = 0): Buffer {
  return Buffer.concat(Array.from({ length: blocks }, (_, index) => Buffer.alloc(8192, first + index)));
}

async function dataDirectory(files: Readonly<Record<string, Buffer>>): Promise<TemporaryDirectory> {
  const directory = await temporaryDirectory('a test');
  for (const folder of ['global', 'base/5', 'base/pgsql_tmp', 'pg_tblspc']) {
    await mkdir(join(directory.path, folder), { recursive: true });
  }
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(directory.path, name), bytes);
  return directory;
}

const options = { relationSegmentBlocks: 3, maxOpenFiles: 1 };

test.group('DataDirectoryPages', () => {
  test('lists the forks with their sizes, in order, and nothing else', async ({ assert }) => {
    await using directory = await dataDirectory({
      'global/1262': pages(1),
      'global/pg_control': Buffer.alloc(8192),
      'base/5/16390': pages(2),
      'base/5/16390_vm': pages(1),
      'base/5/16390_fsm': pages(3),
      'base/5/2619': pages(0),
      'base/5/16400_init': pages(1),
      'base/5/PG_VERSION': Buffer.from('15\n'),
      'base/5/pg_internal.init': Buffer.alloc(100),
      'base/5/t3_16500': pages(1),
      'base/pgsql_tmp/7': pages(1),
    });
    using reader = new DataDirectoryPages(directory.path, options);
    assert.deepEqual(
      reader
        .forks()
        .map((fork) => [fork.spcOid, fork.dbOid, fork.relNumber, fork.forkNumber, fork.blocks].join('/')),
      [
        '1663/5/2619/0/0',
        '1663/5/16390/0/2',
        '1663/5/16390/1/3',
        '1663/5/16390/2/1',
        '1663/5/16400/3/1',
        '1664/0/1262/0/1',
      ],
    );
  });

  test('reads every page across segments with one file open', async ({ assert }) => {
    await using directory = await dataDirectory({
      'base/5/16390': pages(3),
      'base/5/16390.1': pages(3, 3),
      'base/5/16390.2': pages(1, 6),
      'base/5/16390.3': pages(0),
      'global/1262': pages(1, 99),
    });
    using reader = new DataDirectoryPages(directory.path, options);
    const relation = { spcOid: 1663, dbOid: 5, relNumber: 16390, forkNumber: 0 };
    for (const blockNumber of [6, 0, 3, 5, 2, 1, 4]) {
      const page = reader.readPage({ ...relation, blockNumber });
      assert.isTrue(page?.equals(Buffer.alloc(8192, blockNumber)), `block ${String(blockNumber)}`);
      const shared = { spcOid: 1664, dbOid: 0, relNumber: 1262, forkNumber: 0, blockNumber: 0 };
      assert.equal(reader.readPage(shared)?.[8191], 99);
    }
    assert.equal(reader.forks()[0]?.blocks, 7);
  });

  test('has no page where there is none', async ({ assert }) => {
    await using directory = await dataDirectory({ 'base/5/16390': pages(2) });
    using reader = new DataDirectoryPages(directory.path, options);
    const page = { spcOid: 1663, dbOid: 5, relNumber: 16390, forkNumber: 0, blockNumber: 1 };
    assert.isDefined(reader.readPage(page));
    assert.isUndefined(reader.readPage({ ...page, blockNumber: 2 }));
    assert.isUndefined(reader.readPage({ ...page, forkNumber: 2 }));
    assert.isUndefined(reader.readPage({ ...page, relNumber: 1 }));
    assert.isUndefined(reader.readPage({ ...page, dbOid: 4 }));
    assert.isUndefined(reader.readPage({ ...page, spcOid: 1664 }));
  });

  test('refuses files that {what}')
    .with([
      { what: 'end within a page', code: 'relation-file-length', files: { 'base/5/1': Buffer.alloc(8191) } },
      { what: 'are longer than a segment', code: 'relation-file-length', files: { 'base/5/1': pages(4) } },
      {
        what: 'lack a segment before them',
        code: 'relation-segment-missing',
        files: { 'base/5/1': pages(3), 'base/5/1.2': pages(1) },
      },
      {
        what: 'follow a segment that is not full',
        code: 'relation-segment-missing',
        files: { 'base/5/1': pages(2), 'base/5/1.1': pages(1) },
      },
    ])
    .run(async ({ assert }, { code, files }) => {
      await using directory = await dataDirectory(files);
      assert.equal(
        codeOf(() => new DataDirectoryPages(directory.path, options)),
        code,
      );
    });

  test('reads a tablespace inside the data directory, and only its databases', async ({ assert }) => {
    await using directory = await dataDirectory({});
    const version = join(directory.path, 'pg_tblspc/16999/PG_17_202406281');
    await mkdir(join(version, '5'), { recursive: true });
    await mkdir(join(version, 'pgsql_tmp'));
    await writeFile(join(version, '5/16390'), pages(2, 7));
    await writeFile(join(version, 'pgsql_tmp/1'), pages(1));
    using reader = new DataDirectoryPages(directory.path, options);
    const fork = { spcOid: 16999, dbOid: 5, relNumber: 16390, forkNumber: 0 };
    assert.containSubset(reader.forks(), [{ ...fork, blocks: 2 }]);
    assert.lengthOf(reader.forks(), 1);
    assert.deepEqual(reader.readPage({ ...fork, blockNumber: 1 }), Buffer.alloc(8192, 8));
    assert.isUndefined(reader.readPage({ ...fork, spcOid: 1663, blockNumber: 1 }));
  });

  test('refuses a tablespace outside of it rather than judging without it', async ({ assert }) => {
    await using directory = await dataDirectory({});
    await symlink('/elsewhere', join(directory.path, 'pg_tblspc/16999'));
    assert.equal(
      codeOf(() => new DataDirectoryPages(directory.path, options)),
      'tablespace-unsupported',
    );
  });

  test('says so when a file is cut while it is read', async ({ assert }) => {
    await using directory = await dataDirectory({ 'base/5/16390': pages(2) });
    using reader = new DataDirectoryPages(directory.path, options);
    await truncate(join(directory.path, 'base/5/16390'), 8192 + 100);
    const page = { spcOid: 1663, dbOid: 5, relNumber: 16390, forkNumber: 0, blockNumber: 1 };
    assert.equal(
      codeOf(() => reader.readPage(page)),
      'relation-file-short',
    );
  });
});
