import { test } from '@japa/runner';

import { forkName, recordKind, rmgrName } from '../../harness/wal/names.ts';
import { thrownBy } from '../support/thrown.ts';

const byMajor = (rmgrId: number, info: number): string[] =>
  [14, 15, 16, 17, 18].map((major) => recordKind(rmgrId, info, major));

test.group('names', () => {
  test('resource managers as pg_waldump prints them', ({ assert }) => {
    assert.equal(rmgrName(0, 17), 'XLOG');
    assert.equal(rmgrName(9, 15), 'Heap2');
    assert.equal(rmgrName(16, 18), 'SPGist');
    assert.equal(rmgrName(21, 14), 'LogicalMessage');
    assert.equal(rmgrName(134, 17), 'custom134');
    assert.equal(rmgrName(134, 14), 'UNKNOWN (134)');
    assert.equal(rmgrName(22, 17), 'UNKNOWN (22)');
  });

  test('kinds as pg_waldump prints them', ({ assert }) => {
    assert.equal(recordKind(10, 0x80, 17), 'INSERT+INIT');
    assert.equal(recordKind(10, 0x8f, 17), 'INSERT+INIT');
    assert.equal(recordKind(9, 0x40, 15), 'VISIBLE');
    assert.equal(recordKind(11, 0x00, 15), 'INSERT_LEAF');
    assert.equal(recordKind(1, 0x80, 15), 'COMMIT');
    assert.equal(recordKind(1, 0xb0, 15), 'COMMIT_PREPARED');
    assert.equal(recordKind(20, 0x30, 15), 'Generic');
    assert.equal(recordKind(11, 0xf0, 15), 'UNKNOWN (F0)');
    assert.equal(recordKind(134, 0x10, 17), 'UNKNOWN (10)');
  });

  test('kinds that changed between majors', ({ assert }) => {
    const prunes = ['PRUNE', 'PRUNE', 'PRUNE', 'PRUNE_ON_ACCESS', 'PRUNE_ON_ACCESS'];
    const cleanups = [
      'FREEZE_PAGE',
      'FREEZE_PAGE',
      'FREEZE_PAGE',
      'PRUNE_VACUUM_CLEANUP',
      'PRUNE_VACUUM_CLEANUP',
    ];
    const redoPoints = ['UNKNOWN (E0)', 'UNKNOWN (E0)', 'UNKNOWN (E0)', 'CHECKPOINT_REDO', 'CHECKPOINT_REDO'];
    assert.deepEqual(byMajor(9, 0x10), prunes);
    assert.deepEqual(byMajor(9, 0x30), cleanups);
    assert.deepEqual(byMajor(0, 0xe0), redoPoints);
    assert.deepEqual(byMajor(4, 0x10), ['DROP', ...Array<string>(4).fill('CREATE_WAL_LOG')]);
  });

  test('forks, and majors that are not known', ({ assert }) => {
    assert.deepEqual([0, 1, 2, 3, 9].map(forkName), ['main', 'fsm', 'vm', 'init', 'fork 9']);
    assert.equal(thrownBy(() => recordKind(0, 0, 13)).code, 'wal-major-unsupported');
  });
});
