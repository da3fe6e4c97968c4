import { test } from '@japa/runner';

import { deriveReport } from '../../../harness/report/report.ts';
import { facetValues, filtered, filterOf, findingFacets } from '../../../reports/html/finding-filter.ts';
import { ended, found, over, planned, started, timed } from '../../verdict/run-events.ts';

const checks = ['pg15/debian:11/contract/one', 'pg17/debian:12/walredo/two'] as const;
const report = deriveReport(
  timed(
    started,
    planned(),
    found(checks[0], { code: 'file-missing', message: 'v15/bin/initdb is missing' }),
    ended(checks[0], 'failed'),
    found(checks[1]),
    found(checks[1], { code: 'page-content', message: 'public.other main block 4' }),
    ended(checks[1], 'failed'),
    over(2),
  ),
);
const facets = findingFacets(report);

test.group('which findings are looked for', () => {
  test('words are found anywhere, in whatever letters, all of them', ({ assert }) => {
    assert.deepEqual(filtered(facets, {}), [0, 1, 2]);
    assert.deepEqual(filtered(facets, { words: 'BLOCK public' }), [1, 2]);
    assert.deepEqual(filtered(facets, { words: ' initdb  missing ' }), [0]);
    assert.deepEqual(filtered(facets, { words: 'block missing' }), []);
  });

  test('facets are those of the cell in which a finding lies', ({ assert }) => {
    assert.deepEqual(filtered(facets, { suite: 'walredo', words: 'public.other' }), [2]);
    assert.deepEqual(filtered(facets, { server: 'PostgreSQL 15' }), [0]);
    assert.deepEqual(filtered(facets, { host: 'debian:12', code: 'file-missing' }), []);
    assert.deepEqual(filtered(facets, { standing: 'accepted' }), []);
    assert.deepEqual(facetValues(facets, 'code'), [
      ['page-content', 2],
      ['file-missing', 1],
    ]);
    assert.deepEqual(facetValues(facets, 'bundle'), [['', 3]]);
  });

  test('an address names them; what it names besides is passed over', ({ assert }) => {
    const address = new URLSearchParams('words=a+b&suite=walredo&host=&step=3&__proto__=x');
    assert.deepEqual(filterOf(address), { words: 'a b', suite: 'walredo' });
  });
});
