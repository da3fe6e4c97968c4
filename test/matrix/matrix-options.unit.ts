import { test } from '@japa/runner';

import {
  type MatrixArguments,
  type MatrixOptions,
  parseMatrixOptions,
} from '../../harness/matrix/matrix-options.ts';
import { rejectionOf } from '../support/error-code.ts';

function parse(typed: MatrixArguments): Promise<MatrixOptions> {
  return parseMatrixOptions(typed, {
    hosts: ['debian:11', 'debian:12'],
    defaultHosts: ['debian:11', 'debian:12'],
    optionalHosts: [],
  });
}

test.group('parseMatrixOptions', () => {
  test('calls bundles by their file, or as they are named', async ({ assert }) => {
    const { candidates } = await parse({ candidate: ['new.tar.zst', 'old=backup/bundle.tar.gz'] });
    assert.deepEqual(candidates, [
      { name: 'new', path: 'new.tar.zst' },
      { name: 'old', path: 'backup/bundle.tar.gz' },
    ]);
    const twice = await rejectionOf(parse({ candidate: ['a/bundle.tar', 'b/bundle.tar.zst'] }));
    assert.deepEqual([twice.kind, twice.code], ['usage', 'name-twice']);
  });

  test('takes what a gate takes of baseline, tapes and locales', async ({ assert }) => {
    const { gate } = await parse({ baseline: 'old.tar', tape: ['kept'], locales: 'sv,C.UTF-8' });
    assert.equal(gate.baseline, 'old.tar');
    assert.deepEqual(gate.tapes, ['kept']);
    assert.deepEqual(gate.locales, [
      { provider: 'icu', locale: 'sv' },
      { provider: 'libc', locale: 'C.UTF-8' },
    ]);
  });

  test('refuses tapes with {what}: both bring pages')
    .with([
      { what: 'a workload', typed: { workload: ['collation'] }, words: 'so --workload collation has none' },
      {
        what: 'two compute images of a major',
        typed: { pg: '17', compute: ['debian:13', 'npm:17'] },
        words: 'so a second compute image of PostgreSQL 17 has none',
      },
    ])
    .run(async ({ assert }, { typed, words }) => {
      const error = await rejectionOf(parse({ tape: ['kept'], ...typed }));
      assert.deepEqual([error.kind, error.code], ['usage', 'tape-and-capture']);
      assert.include(error.message, words);
      await parse(typed);
    });
});
