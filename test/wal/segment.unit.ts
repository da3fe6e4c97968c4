import { test } from '@japa/runner';

import { readSegmentHeader } from '../../harness/wal/page-header.ts';
import { parseSegmentFileName, segmentFileName, segmentNumberOf } from '../../harness/wal/segment.ts';
import { thrownBy } from '../support/thrown.ts';
import { WalBuilder } from './wal-builder.ts';

const mib = 1024 * 1024;

test.group('segment names', () => {
  test('follow XLogFileName for every segment size', ({ assert }) => {
    for (const [timeline, number, size, name] of [
      [1, 1, 16 * mib, '000000010000000000000001'],
      [1, 255, 16 * mib, '0000000100000000000000FF'],
      [1, 256, 16 * mib, '000000010000000100000000'],
      [10, 4097, mib, '0000000A0000000100000001'],
      [1, 5, 1024 * mib, '000000010000000100000001'],
    ] as const) {
      assert.equal(segmentFileName(timeline, number, size), name);
      assert.deepEqual(parseSegmentFileName(name, size), { timeline, segmentNumber: number, partial: false });
    }
    assert.equal(segmentNumberOf(0x1234_5678, 16 * mib), 0x12);
  });

  test('partial segments are told, other files are none', ({ assert }) => {
    assert.deepInclude(parseSegmentFileName('000000010000000000000001.partial', 16 * mib), { partial: true });
    for (const name of [
      'archive_status',
      '00000002.history',
      '00000001000000000000000g',
      '000000010000000000000100',
    ]) {
      assert.isUndefined(parseSegmentFileName(name, 16 * mib));
    }
  });

  test('a size that is none is refused', ({ assert }) => {
    for (const size of [0, 3 * mib, mib / 2, 2048 * mib, Number.NaN]) {
      assert.equal(thrownBy(() => segmentFileName(1, 1, size)).code, 'wal-segment-size-invalid');
    }
  });
});

test.group('readSegmentHeader', () => {
  test('says what a file is', ({ assert }) => {
    const builder = new WalBuilder({ major: 15, timeline: 3, systemIdentifier: 77n, segmentSize: 2 * mib });
    builder.append({ rmgrId: 0, info: 0x20 });
    assert.deepEqual(readSegmentHeader(builder.bytes()), {
      pageMagic: 0xd110,
      timeline: 3,
      pageAddress: 2 * mib,
      systemIdentifier: 77n,
      segmentSizeBytes: 2 * mib,
      pageSizeBytes: 8192,
    });
  });

  test('finds nothing in too few bytes or on another page', ({ assert }) => {
    const builder = new WalBuilder();
    builder.fillTo(builder.start + 10_000);
    assert.isUndefined(readSegmentHeader(builder.bytes().subarray(0, 39)));
    assert.isUndefined(readSegmentHeader(builder.bytes().subarray(8192)));
  });
});
