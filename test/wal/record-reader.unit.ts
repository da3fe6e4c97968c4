import { test } from '@japa/runner';

import { RedoubtError } from '../../harness/error.ts';
import { readAll, readerOf } from './reading.ts';
import { thrownBy } from '../support/thrown.ts';
import { overwriteContrecord, WalBuilder } from './wal-builder.ts';

/** Records of every size that matters: inside a page, across two, across four, and ends on page boundaries. */
function variedWal(builder = new WalBuilder()): WalBuilder {
  for (const size of [0, 1, 7, 8, 200, 255, 256, 3000, 9000, 30_000, 16, 8141]) {
    builder.append({ rmgrId: 0, info: 0x20, main: Buffer.alloc(size, size) });
  }
  return builder;
}

function damagedWal(): WalBuilder {
  const builder = new WalBuilder();
  builder.append({ rmgrId: 0, info: 0x20 });
  builder.append({ rmgrId: 0, info: 0x20, main: Buffer.alloc(9000, 1) });
  builder.append({ rmgrId: 0, info: 0x20 });
  return builder;
}

test.group('RecordReader, sound WAL', () => {
  for (const major of [14, 15, 16, 17, 18]) {
    test(`returns every record of ${major} with its bytes and LSNs`, ({ assert }) => {
      const builder = variedWal(new WalBuilder({ major }));
      const { records, error } = readAll(readerOf(builder, { major }));
      assert.isUndefined(error);
      assert.deepEqual(records, builder.records);
    });
  }

  test('finds records whatever place they start at in a page', ({ assert }) => {
    const builder = new WalBuilder();
    for (let index = 0; index < 3000; index++) {
      builder.append({ rmgrId: 0, info: 0x20, main: Buffer.alloc(index % 37, index) });
    }
    assert.deepEqual(readAll(readerOf(builder)).records, builder.records);
  });

  test('gives the page boundary as the end of a record that ends on one', ({ assert }) => {
    const builder = new WalBuilder();
    const record = builder.append({ rmgrId: 0, info: 0x20, main: Buffer.alloc(8192 - 40 - 24 - 5) });
    builder.append({ rmgrId: 0, info: 0x20 });
    assert.equal(record.end % 8192, 0);
    assert.deepEqual(readAll(readerOf(builder)).records, builder.records);
  });

  test('follows records from one segment into the next', ({ assert }) => {
    const builder = new WalBuilder({ start: 7 * 1024 * 1024 });
    builder.fillTo(builder.start + 2.5 * builder.segmentSize, 5000);
    const { records, error } = readAll(readerOf(builder));
    assert.isUndefined(error);
    assert.deepEqual(records, builder.records);
  });

  test('may be given a source that reuses its buffer', ({ assert }) => {
    const builder = new WalBuilder();
    builder.fillTo(builder.start + 2.5 * builder.segmentSize, 5000);
    const shared = Buffer.alloc(builder.segmentSize);
    const source = (segmentNumber: number): Buffer | undefined => {
      const bytes = builder.source()(segmentNumber);
      bytes?.copy(shared);
      return bytes && shared;
    };
    assert.deepEqual(readAll(readerOf(builder, { source })).records, builder.records);
  });

  test('may be given segments that lie anywhere in memory', ({ assert }) => {
    const builder = variedWal();
    const source = builder.source();
    for (const offset of [1, 2, 4, 7, 8]) {
      const askew = (number: number): Buffer | undefined => {
        const bytes = source(number);
        return bytes && Buffer.concat([Buffer.alloc(offset), bytes]).subarray(offset);
      };
      assert.deepEqual(readAll(readerOf(builder, { source: askew })).records, builder.records);
    }
  });

  test('skips the padding behind XLOG_SWITCH', ({ assert }) => {
    const builder = variedWal();
    const switched = builder.switchSegment();
    builder.append({ rmgrId: 0, info: 0x20 });
    assert.equal(switched.end % builder.segmentSize, 0);
    assert.deepEqual(readAll(readerOf(builder)).records, builder.records);
  });

  test('passes over a record whose continuation was overwritten', ({ assert }) => {
    const builder = variedWal();
    const lost = builder.append({ rmgrId: 0, info: 0x20, main: Buffer.alloc(20_000) }, 9000);
    builder.overwrite(lost.start);
    builder.append({ rmgrId: 0, info: 0x20 });
    assert.deepEqual(readAll(readerOf(builder)).records, builder.records);
  });

  test('changes timelines where the history says so', ({ assert }) => {
    const builder = variedWal();
    const switchLsn = builder.position;
    builder.timeline = 2;
    builder.fillTo(switchLsn + 3 * 8192);
    const { records, error } = readAll(readerOf(builder, { history: [{ timeline: 1, switchLsn }] }));
    assert.isUndefined(error);
    assert.deepEqual(records, builder.records);
    const without = readAll(readerOf(builder));
    assert.equal((without.error as RedoubtError).code, 'wal-corrupt-page-header');
  });

  test('starts at any record, also on a page boundary', ({ assert }) => {
    const builder = variedWal();
    for (const [index, record] of builder.records.entries()) {
      const { records } = readAll(readerOf(builder, { startLsn: record.start }));
      assert.deepEqual(records, builder.records.slice(index));
    }
  });

  test('returns the records that start before the end, and no other, for every end', ({ assert }) => {
    const builder = new WalBuilder();
    builder.fillTo(builder.start + 3 * 8192, 700);
    for (let endLsn = builder.start; endLsn <= builder.position; endLsn += 8) {
      const { records, error } = readAll(readerOf(builder, { endLsn }));
      assert.isUndefined(error);
      assert.deepEqual(
        records,
        builder.records.filter((record) => record.start < endLsn),
      );
    }
  });

  test('asks for no byte behind the end', ({ assert }) => {
    const builder = new WalBuilder();
    builder.append({ rmgrId: 0, info: 0x20, main: Buffer.alloc(8192 - 40 - 24 - 5) });
    builder.fillTo(builder.start + builder.segmentSize, 8192 - 24 - 24 - 5);
    assert.equal(builder.position, builder.start + builder.segmentSize);
    const source = builder.source(builder.bytes().subarray(0, builder.segmentSize));
    for (const endLsn of [builder.position, builder.position + 40]) {
      assert.isUndefined(readAll(readerOf(builder, { source, endLsn })).error);
    }
  });
});

test.group('RecordReader, WAL that ends too early', () => {
  test('says so for every length of the file', ({ assert }) => {
    const builder = variedWal();
    const length = builder.position - builder.start;
    for (let cut = 0; cut < length; cut++) {
      const source = builder.source(builder.bytes().subarray(0, cut));
      const { records, error } = readAll(readerOf(builder, { source }));
      const code = error instanceof RedoubtError ? error.code : error;
      const isLastPadding = cut >= length - 7 && error === undefined;
      if (code !== 'wal-ends-early' && !isLastPadding) assert.equal(code, 'wal-ends-early', `cut at ${cut}`);
      const whole = builder.records.filter(
        (record) => record.start + record.bytes.length - builder.start <= cut,
      );
      if (records.length > whole.length) assert.fail(`cut at ${cut}: ${records.length} records`);
    }
  });

  test('says so for zeros, for a page never written and for a missing segment', ({ assert }) => {
    const builder = variedWal();
    const endLsn = builder.position + 100_000;
    const zeros = readAll(readerOf(builder, { endLsn }));
    assert.deepEqual(zeros.records, builder.records);
    assert.equal((zeros.error as RedoubtError).code, 'wal-ends-early');
    assert.equal((zeros.error as RedoubtError).kind, 'infrastructure');
    const beyond = readAll(
      readerOf(builder, { startLsn: 5 * builder.segmentSize, endLsn: 6 * builder.segmentSize }),
    );
    assert.match(String(beyond.error), /no such segment in 000000010000000000000005/);
  });

  test('takes pages of a recycled segment for the end', ({ assert }) => {
    const builder = new WalBuilder();
    builder.fillTo(builder.start + 2 * 8192);
    const old = new WalBuilder({ start: 0 });
    old.fillTo(6 * 8192);
    const mixed = Buffer.concat([builder.bytes().subarray(0, 8192), old.bytes().subarray(8192)]);
    const { error } = readAll(readerOf(builder, { source: builder.source(mixed) }));
    assert.equal((error as RedoubtError).code, 'wal-ends-early');
    assert.match(String(error), /recycled/);
  });
});

test.group('RecordReader, damaged WAL', () => {
  const damages: readonly {
    readonly what: string;
    readonly code: string;
    readonly message: RegExp;
    readonly damage: (bytes: Buffer, record: number) => void;
  }[] = [
    {
      what: 'magic of another major',
      code: 'page-header',
      message: /xlp_magic: 0xD110 is the magic of PostgreSQL 15/,
      damage: (bytes) => bytes.writeUInt16LE(0xd110, 8192),
    },
    {
      what: 'magic of nothing',
      code: 'page-header',
      message: /xlp_magic.*no known major/,
      damage: (bytes) => bytes.writeUInt16LE(0xbeef, 8192),
    },
    {
      what: 'unknown page flags',
      code: 'page-header',
      message: /xlp_info: 0x0011 has unknown bits/,
      damage: (bytes) => bytes.writeUInt16LE(0x11, 8194),
    },
    {
      what: 'long header in mid-segment',
      code: 'page-header',
      message: /xlp_info: 0x0003 has XLP_LONG_HEADER/,
      damage: (bytes) => bytes.writeUInt16LE(3, 8194),
    },
    {
      what: 'short header first',
      code: 'page-header',
      message: /xlp_info: 0x0000 lacks XLP_LONG_HEADER/,
      damage: (bytes) => bytes.writeUInt16LE(0, 2),
    },
    {
      what: 'another timeline',
      code: 'page-header',
      message: /xlp_tli: timeline 9 instead of 1/,
      damage: (bytes) => bytes.writeUInt32LE(9, 8196),
    },
    {
      what: 'another address',
      code: 'page-header',
      message: /at byte 8192: LSN 0\/102000, xlp_pageaddr: 0\/104000 instead of 0\/102000/,
      damage: (bytes) => bytes.writeUInt32LE(0x104000, 8200),
    },
    {
      what: 'another cluster',
      code: 'page-header',
      message: /xlp_sysid: WAL of system 5 instead of/,
      damage: (bytes) => bytes.writeBigUInt64LE(5n, 24),
    },
    {
      what: 'another segment size',
      code: 'page-header',
      message: /xlp_seg_size: segments of 16777216 bytes/,
      damage: (bytes) => bytes.writeUInt32LE(16_777_216, 32),
    },
    {
      what: 'another WAL page size',
      code: 'page-header',
      message: /xlp_xlog_blcksz: WAL pages of 4096 bytes/,
      damage: (bytes) => bytes.writeUInt32LE(4096, 36),
    },
    {
      what: 'a continuation of another length',
      code: 'continuation',
      message: /xlp_rem_len: 77 bytes of the record at 0\/[0-9A-F]+ are announced/,
      damage: (bytes) => bytes.writeUInt32LE(77, 8208),
    },
    {
      what: 'no continuation',
      code: 'continuation',
      message: /xlp_info: the page continues no record/,
      damage: (bytes) => bytes.writeUInt16LE(0, 8194),
    },
    {
      what: 'too short a record',
      code: 'record-header',
      message: /xl_tot_len: 23 bytes/,
      damage: (bytes, at) => bytes.writeUInt32LE(23, at),
    },
    {
      what: 'too long a record',
      code: 'record-header',
      message: /xl_tot_len: 4294967295 bytes/,
      damage: (bytes, at) => bytes.writeUInt32LE(0xffffffff, at),
    },
    {
      what: 'no such resource manager',
      code: 'record-header',
      message: /xl_rmid: no resource manager has id 99/,
      damage: (bytes, at) => bytes.writeUInt8(99, at + 17),
    },
    {
      what: 'another previous record',
      code: 'record-header',
      message: /xl_prev: links to 0\/8 instead of 0\/100028/,
      damage: (bytes, at) => bytes.writeBigUInt64LE(8n, at + 8),
    },
    {
      what: 'a flipped bit',
      code: 'crc',
      message: /LSN 0\/100040, xl_crc: stored 0x[0-9A-F]{8}, computed 0x[0-9A-F]{8}/,
      damage: (bytes, at) => bytes.writeUInt8(bytes[at + 24]! ^ 1, at + 24),
    },
  ];

  for (const { what, code, message, damage } of damages) {
    test(what, ({ assert }) => {
      const builder = damagedWal();
      const second = builder.records[1]!.start - builder.start;
      damage(builder.bytes(), second);
      const { error } = readAll(readerOf(builder, { systemIdentifier: 0x1234_5678_9abc_def0n }));
      assert.instanceOf(error, RedoubtError);
      assert.equal((error as RedoubtError).code, `wal-corrupt-${code}`);
      assert.match((error as RedoubtError).message, message);
      assert.match((error as RedoubtError).message, /000000010000000000000001/);
    });
  }

  test('every single flipped bit of a record is noticed', ({ assert }) => {
    const builder = new WalBuilder();
    builder.append({ rmgrId: 0, info: 0x20, main: Buffer.alloc(40, 0x33) });
    const { start, bytes } = builder.append({ rmgrId: 0, info: 0x20, main: Buffer.alloc(40, 0x77) });
    const at = start - builder.start;
    builder.append({ rmgrId: 0, info: 0x20 });
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const wal = builder.bytes();
      wal[at + (bit >> 3)]! ^= 1 << (bit & 7);
      const { records, error } = readAll(readerOf(builder));
      wal[at + (bit >> 3)]! ^= 1 << (bit & 7);
      assert.lengthOf(records, 1);
      assert.match(
        (error as RedoubtError).code,
        /^wal-(corrupt-(crc|record-header|continuation|page-header)|ends-early)$/,
      );
    }
  });

  test('an overwritten continuation without the record that says so', ({ assert }) => {
    const builder = variedWal();
    const lost = builder.append({ rmgrId: 0, info: 0x20, main: Buffer.alloc(20_000) }, 9000);
    builder.overwrite(lost.start, { rmgrId: 0, info: 0x20 });
    const { error } = readAll(readerOf(builder));
    assert.equal((error as RedoubtError).code, 'wal-corrupt-continuation');
    assert.match(String(error), /no OVERWRITE_CONTRECORD follows/);
  });

  test('an OVERWRITE_CONTRECORD that names another record', ({ assert }) => {
    const builder = variedWal();
    const lost = builder.append({ rmgrId: 0, info: 0x20, main: Buffer.alloc(20_000) }, 9000);
    builder.overwrite(lost.start, overwriteContrecord(lost.start + 8));
    const { error } = readAll(readerOf(builder));
    assert.match(String(error), /overwritten_lsn: 0\/[0-9A-F]+ instead of 0\/[0-9A-F]+/);
  });

  test('segments of two clusters', ({ assert }) => {
    const builder = new WalBuilder();
    builder.fillTo(builder.start + 1.5 * builder.segmentSize, 4000);
    builder.bytes().writeBigUInt64LE(1n, builder.segmentSize + 24);
    assert.match(String(readAll(readerOf(builder)).error), /xlp_sysid/);
  });

  test('says the same again when asked again', ({ assert }) => {
    const builder = damagedWal();
    builder.bytes().writeUInt8(0xff, builder.records[1]!.start - builder.start + 30);
    const reader = readerOf(builder);
    const { error } = readAll(reader);
    assert.strictEqual(
      thrownBy(() => reader.next()),
      error,
    );
  });
});

test.group('RecordReader, wrong use', () => {
  test('refuses a start inside a record, a page header or a continued page', ({ assert }) => {
    const builder = variedWal();
    for (const startLsn of [builder.start + 8, builder.start + 2 * 8192]) {
      assert.match(
        String(readAll(readerOf(builder, { startLsn })).error),
        /start LSN lies inside|continues a record/,
      );
    }
    assert.instanceOf(readAll(readerOf(builder, { startLsn: builder.start + 48 })).error, RedoubtError);
  });

  test('refuses what cannot be read at all', ({ assert }) => {
    const builder = variedWal();
    const codeOf = (change: object): string => thrownBy(() => readerOf(builder, change)).code;
    assert.equal(codeOf({ major: 13 }), 'wal-major-unsupported');
    assert.equal(codeOf({ segmentSizeBytes: 3_000_000 }), 'wal-segment-size-invalid');
    assert.equal(codeOf({ startLsn: builder.start + 1 }), 'wal-range-invalid');
    assert.equal(codeOf({ startLsn: builder.position + 8 }), 'wal-range-invalid');
    assert.isUndefined(readerOf(builder, { startLsn: builder.position, endLsn: builder.position }).next());
  });
});
