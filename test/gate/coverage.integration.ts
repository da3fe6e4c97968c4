import { test } from '@japa/runner';

import { capturedTapes } from '../../harness/gate/capture/captured-tapes.ts';
import { silent } from '../../harness/host/progress.ts';
import { coverageOf } from '../../harness/redo/coverage.ts';
import { unreachedKinds } from '../../harness/redo/unreached-kinds.ts';
import { testedMajors } from '../support/tested-majors.ts';

test.group("the gate's captures", () => {
  for (const major of testedMajors([14, 15, 16, 17, 18])) {
    test(`of ${String(major)} reach every kind of record, or leave it out for a reason that holds`, async ({
      assert,
    }) => {
      const tapes = await capturedTapes(major, silent);
      const { kinds } = coverageOf(
        major,
        tapes.map(({ manifest }) => manifest.kinds ?? []),
      );
      const named = (state: string): readonly string[] =>
        kinds.filter((kind) => kind.state === state).map(({ rmgr, kind }) => `${rmgr} ${kind}`);
      assert.deepEqual(named('missing'), []);
      assert.deepEqual(named('undefined'), []);
      const excused = new Set(
        unreachedKinds
          .filter(({ majors }) => majors?.includes(major) ?? true)
          .map(({ rmgr, kind }) => `${rmgr} ${kind}`),
      );
      assert.deepEqual(
        named('reached').filter((name) => excused.has(name)),
        [],
      );
    });
  }
});
