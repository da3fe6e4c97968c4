import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@japa/runner';

import { readRequestRecords } from '../../harness/redo/request/request-records.ts';
import { Tape } from '../../harness/redo/tape/tape.ts';
import { decodeRecord } from '../../harness/wal/decode.ts';
import { layoutOf } from '../../harness/page/layout.ts';
import { rawRecordFromBytes } from '../../harness/wal/raw-record.ts';

const directory = join(import.meta.dirname, '../../corpora/tapes');
const names = readdirSync(directory).filter((name) => name.startsWith('pg'));

test.group('the tapes of the corpora', () => {
  test('are there for every major, whole and small', ({ assert }) => {
    assert.deepEqual(names, ['pg14', 'pg15', 'pg16', 'pg17', 'pg18']);
    for (const name of names) {
      const { manifest } = Tape.open(join(directory, name));
      assert.equal(`pg${String(manifest.major)}`, name);
      const { requests, index, oracle } = manifest.files;
      assert.isBelow(requests.bytes + index.bytes + oracle.bytes, 1_000_000);
    }
  });

  for (const name of names) {
    test(`${name}: every record decodes, and every page is labelled without a gap`, ({ assert }) => {
      const tape = Tape.open(join(directory, name));
      for (const request of tape.index) {
        const { records } = readRequestRecords(tape.readRequest(request));
        assert.lengthOf(records, request.records);
        for (const { bytes, endLsn } of records) {
          const { blocks } = decodeRecord(rawRecordFromBytes(bytes, endLsn), tape.manifest.major);
          assert.isTrue(blocks.some(({ blockNumber }) => blockNumber === request.key.blockNumber));
        }
        const page = tape.readOraclePage(request);
        let end = 0;
        for (const { offset, length } of layoutOf(page, tape.pageKindOf(request.key, page))) {
          assert.equal(offset, end);
          end = offset + length;
        }
        assert.equal(end, page.length);
      }
    });
  }
});
