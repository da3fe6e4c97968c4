import { join } from 'node:path';
import { test } from '@japa/runner';

import { readRequestRecords } from '../../harness/redo/request/request-records.ts';
import { Tape } from '../../harness/redo/tape/tape.ts';
import { suspectRecord, suspicionWords } from '../../harness/verdict/record-suspicion.ts';
import { recordKind, rmgrName } from '../../harness/wal/names.ts';

const tape = Tape.open(join(import.meta.dirname, '../../corpora/tapes/pg17'));
const every = (): boolean => true;

/** Requests of the tape that have a record of a kind. */
function requestsWith(record: string): readonly number[] {
  return [...tape.index]
    .filter((request) =>
      readRequestRecords(tape.readRequest(request)).records.some(
        ({ bytes }) =>
          `${rmgrName(bytes.readUInt8(17), 17)} ${recordKind(bytes.readUInt8(17), bytes.readUInt8(16), 17)}` ===
          record,
      ),
    )
    .map(({ number }) => number);
}

test.group('the record that pages which differ have in common', () => {
  test('is the kind that each of them has, and hardly another page', ({ assert }) => {
    const inserts = requestsWith('Btree INSERT_LEAF');
    assert.isAtLeast(inserts.length, 4);
    const all = suspectRecord(tape, every, new Set(inserts));
    assert.deepEqual(all, {
      record: 'Btree INSERT_LEAF',
      pages: inserts.length,
      differing: inserts.length,
      others: tape.index.length - inserts.length,
    });
    assert.match(
      all === undefined ? '' : suspicionWords(all),
      /^Btree INSERT_LEAF touched \d+ pages, all of which differ;/,
    );
    const most = suspectRecord(tape, every, new Set(inserts.slice(1)));
    assert.equal(most?.differing, inserts.length - 1);
  });

  test('is none where few pages differ, all do, or those that do have nothing in common', ({ assert }) => {
    const numbers = [...tape.index].map(({ number }) => number);
    assert.isUndefined(suspectRecord(tape, every, new Set(numbers.slice(0, 2))));
    assert.isUndefined(suspectRecord(tape, every, new Set(numbers)));
    const unlike = [
      ...requestsWith('Btree INSERT_LEAF').slice(0, 2),
      ...requestsWith('Hash INSERT').slice(0, 2),
    ];
    assert.isUndefined(suspectRecord(tape, every, new Set(unlike)));
  });
});
