import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { pageSizeBytes } from '../../harness/page/page-bytes.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { readLeafEntries } from '../../harness/readback/btree-leaves.ts';
import { rejectionOf } from '../support/error-code.ts';

/** A page with the special space of a btree and nothing else, but what `edit` writes. */
function page(edit: (page: Buffer, special: number) => void): Buffer {
  const bytes = Buffer.alloc(pageSizeBytes);
  const special = pageSizeBytes - 16;
  bytes.writeUInt16LE(24, 12);
  bytes.writeUInt16LE(special, 14);
  bytes.writeUInt16LE(special, 16);
  edit(bytes, special);
  return bytes;
}

const metaOf = (root: number): Buffer => page((bytes) => bytes.writeUInt32LE(root, 24 + 8));
const leafBefore = (next: number): Buffer =>
  page((bytes, special) => {
    bytes.writeUInt32LE(next, special + 4);
    bytes.writeUInt16LE(1, special + 12);
  });
const innerPage = page(() => {});

test.group('the leaves of a btree', () => {
  test('an index without a root has none', async ({ assert }) => {
    await using directory = await temporaryDirectory('a test');
    const path = join(directory.path, 'index');
    await writeFile(path, metaOf(0));
    assert.deepEqual(await readLeafEntries(path), []);
  });

  test('refuses {what}')
    .with([
      { what: 'an empty file', pages: [], words: 'block 0: the file ends before it' },
      {
        what: 'half a page',
        pages: [metaOf(1).subarray(0, 4000)],
        words: 'block 0: the file ends before it',
      },
      { what: 'zeros', pages: [Buffer.alloc(pageSizeBytes)], words: 'block 0: it is no page of a btree' },
      { what: 'a root that is not there', pages: [metaOf(7)], words: 'block 7: the file ends before it' },
      {
        what: 'leaves that go round',
        pages: [metaOf(1), leafBefore(2), leafBefore(1)],
        words: 'block 1: its leaves go round in circles',
      },
      {
        what: 'an inner page without items',
        pages: [metaOf(1), innerPage],
        words: 'block 1: it has no child',
      },
    ])
    .run(async ({ assert }, { pages, words }) => {
      await using directory = await temporaryDirectory('a test');
      const path = join(directory.path, 'index');
      await writeFile(path, Buffer.concat(pages));
      const error = await rejectionOf(readLeafEntries(path));
      assert.equal(error.code, 'index-file-damaged');
      assert.include(error.message, words);
    });
});
