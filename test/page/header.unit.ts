import { test } from '@japa/runner';

import { hasSoundBounds, isNewPage, readPageHeader } from '../../harness/page/header.ts';
import { thrownBy } from '../support/thrown.ts';
import { buildPage, heapPage } from './page-builder.ts';

test.group('readPageHeader', () => {
  test('reads every field', ({ assert }) => {
    const page = buildPage({
      lsn: 0x12_3456_7890n,
      checksum: 0xbeef,
      flags: 5,
      pruneXid: 0xffff_ffff,
      special: Buffer.alloc(16),
    });
    assert.deepEqual(readPageHeader(page), {
      lsn: 0x12_3456_7890,
      lsnText: '12/34567890',
      checksum: 0xbeef,
      flags: 5,
      lower: 24,
      upper: 8176,
      special: 8176,
      pageSizeVersion: 0x2004,
      pruneXid: 0xffff_ffff,
    });
  });

  test('keeps a damaged LSN within what a number can hold', ({ assert }) => {
    const header = readPageHeader(Buffer.alloc(8192, 0xff));
    assert.equal(header.lsn, Number.MAX_SAFE_INTEGER);
    assert.equal(header.lsnText, 'FFFFFFFF/FFFFFFFF');
  });

  test('refuses anything but a page', ({ assert }) => {
    for (const size of [0, 24, 8191, 8193]) {
      for (const read of [readPageHeader, isNewPage]) {
        assert.equal(thrownBy(() => read(Buffer.alloc(size))).code, 'page-size-invalid');
      }
    }
  });

  test('tells new and sound pages', ({ assert }) => {
    assert.isTrue(isNewPage(Buffer.alloc(8192)));
    const almost = Buffer.alloc(8192);
    almost[8191] = 1;
    assert.isTrue(isNewPage(almost));
    assert.isFalse(isNewPage(heapPage()));
    assert.isTrue(hasSoundBounds(readPageHeader(heapPage())));
    for (const [at, value] of [
      [12, 20],
      [12, 8190],
      [14, 8193],
      [16, 9000],
    ] as const) {
      const page = heapPage();
      page.writeUInt16LE(value, at);
      assert.isFalse(hasSoundBounds(readPageHeader(page)));
    }
  });
});
