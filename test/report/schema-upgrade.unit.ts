import { test } from '@japa/runner';

import { upgraded, type VersionedForm } from '../../harness/report/schema-upgrade.ts';
import { thrownBy } from '../support/thrown.ts';

interface Sample {
  readonly seen: readonly number[];
}

/** A form in its fourth version, whose first one no step leads on from. */
const form: VersionedForm = {
  name: 'sample',
  version: 4,
  steps: new Map(
    [2, 3].map((version) => [version, (older) => ({ seen: [...(older as Sample).seen, version] })]),
  ),
};

test.group('upgraded', () => {
  test('goes step by step from where it begins, and leaves what is of today', ({ assert }) => {
    assert.deepEqual(upgraded(form, 'file', 2, { seen: [] }), { seen: [2, 3] });
    assert.deepEqual(upgraded(form, 'file', 3, { seen: [] }), { seen: [3] });
    assert.deepEqual(upgraded(form, 'file', 4, { seen: [] }), { seen: [] });
  });

  test('refuses what is newer, and what no step leads on from', ({ assert }) => {
    const newer = thrownBy(() => upgraded(form, '/a/file', 5, {}));
    assert.deepEqual(
      [newer.code, newer.message],
      ['sample-newer', '/a/file has schema version 5, this Redoubt reads up to 4'],
    );
    assert.equal(thrownBy(() => upgraded(form, 'file', 1, {})).code, 'sample-too-old');
  });
});
