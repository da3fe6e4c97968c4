import { test } from '@japa/runner';

import { coverageOf, type CoveredKind } from '../../harness/redo/coverage.ts';
import type { KindCount } from '../../harness/redo/lineage/kind-count.ts';
import { unreachedKinds } from '../../harness/redo/unreached-kinds.ts';
import { builtInRecordKinds } from '../../harness/wal/names.ts';

const majors = [14, 15, 16, 17, 18];

/** Every kind of a major but those that are left out, each once and with a page. */
function everything(major: number): readonly KindCount[] {
  return builtInRecordKinds(major)
    .filter(
      ({ rmgr, kind }) =>
        !unreachedKinds.some(
          (each) => each.rmgr === rmgr && each.kind === kind && (each.majors?.includes(major) ?? true),
        ),
    )
    .map((name) => ({ ...name, records: 1, blockReferences: 1 }));
}

function found(kinds: readonly CoveredKind[], rmgr: string, kind: string): CoveredKind | undefined {
  return kinds.find((each) => each.rmgr === rmgr && each.kind === kind);
}

test.group('coverageOf', () => {
  test('of {$self} has no gap where all but the kinds left out are reached')
    .with(majors)
    .run(({ assert }, major) => {
      const coverage = coverageOf(major, [everything(major)]);
      assert.equal(coverage.missing, 0);
      assert.equal(coverage.reached, everything(major).length);
      assert.equal(coverage.reached + coverage.leftOut, builtInRecordKinds(major).length);
      assert.isAbove(coverage.reached, 100);
    });

  test('names a kind that is neither reached nor left out for a reason', ({ assert }) => {
    const without = everything(17).filter(({ kind }) => kind !== 'UNLINK_PAGE_META');
    const coverage = coverageOf(17, [without]);
    assert.equal(coverage.missing, 1);
    const gap = found(coverage.kinds, 'Btree', 'UNLINK_PAGE_META');
    assert.equal(gap?.state, 'missing');
    assert.isNull(gap?.changesPages);
    assert.isNull(gap?.reason);
  });

  test('adds up what several captures reached', ({ assert }) => {
    const insert: KindCount = { rmgr: 'Heap', kind: 'INSERT', records: 5, blockReferences: 6 };
    const commit: KindCount = { rmgr: 'Transaction', kind: 'COMMIT', records: 2, blockReferences: 0 };
    const { kinds, reached } = coverageOf(15, [[insert], [commit, insert]]);
    assert.equal(reached, 2);
    assert.containSubset(found(kinds, 'Heap', 'INSERT'), {
      records: 10,
      blockReferences: 12,
      changesPages: true,
    });
    assert.containSubset(found(kinds, 'Transaction', 'COMMIT'), { records: 2, changesPages: false });
  });

  test('gives the reason for what is left out, but not for what was reached after all', ({ assert }) => {
    const left = found(coverageOf(15, []).kinds, 'XLOG', 'NOOP');
    assert.equal(left?.state, 'left-out');
    assert.isNotEmpty(left?.reason ?? '');
    const count: KindCount = { rmgr: 'XLOG', kind: 'NOOP', records: 1, blockReferences: 0 };
    const reached = found(coverageOf(15, [[count]]).kinds, 'XLOG', 'NOOP');
    assert.equal(reached?.state, 'reached');
    assert.isNull(reached?.reason);
  });

  test('shows kinds that the major does not define', ({ assert }) => {
    const stranger: KindCount = { rmgr: 'custom134', kind: 'UNKNOWN (00)', records: 1, blockReferences: 1 };
    const { kinds } = coverageOf(16, [everything(16), [stranger]]);
    assert.equal(kinds.at(-1)?.state, 'undefined');
    assert.equal(kinds.at(-1)?.rmgr, 'custom134');
  });
});

test.group('kinds that are left out', () => {
  test('are kinds of the majors that they are said to be of', ({ assert }) => {
    for (const { rmgr, kind, majors: of } of unreachedKinds) {
      const defining = majors.filter((major) =>
        builtInRecordKinds(major).some((each) => each.rmgr === rmgr && each.kind === kind),
      );
      assert.isNotEmpty(defining, `${rmgr} ${kind}`);
      for (const major of of ?? []) assert.include(defining, major, `${rmgr} ${kind}`);
    }
  });
});
