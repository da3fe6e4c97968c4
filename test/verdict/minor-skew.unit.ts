import { test } from '@japa/runner';

import { areSkewed, describeSkew, skewsOf, versionIn } from '../../harness/verdict/minor-skew.ts';

test.group('minor skew', () => {
  test('reads the version out of what servers say', ({ assert }) => {
    for (const [words, version] of [
      ['postgres (PostgreSQL) 17.11 (Debian 17.11-0+deb13u1)', '17.11'],
      ['postgres (PostgreSQL) 14.3', '14.3'],
      ['15.18', '15.18'],
      ['postgres (PostgreSQL) 19devel', '19devel'],
      ['postgres (PostgreSQL) 18beta2', '18beta2'],
      ['17', undefined],
      ['starts on none of the hosts', undefined],
      ['', undefined],
    ] as const) {
      assert.equal(versionIn(words), version, words);
    }
  });

  test('is a difference of versions that both sides tell', ({ assert }) => {
    const debian = 'postgres (PostgreSQL) 17.11 (Debian 17.11-0+deb13u1)';
    assert.isTrue(areSkewed('17.1', debian));
    assert.isTrue(areSkewed('17.110', debian));
    assert.isFalse(areSkewed('17.11', debian));
    assert.isFalse(areSkewed('17', debian));
    assert.isFalse(areSkewed('17.11', 'starts on none of the hosts'));
  });

  test('groups the tapes by the server that wrote their WAL, and leaves out those of one minor', ({
    assert,
  }) => {
    const tapes = [
      { label: 'a', serverVersion: '17.0' },
      { label: 'b', serverVersion: '17.11' },
      { label: 'c', serverVersion: '17.0' },
      { label: 'd', serverVersion: '17.4' },
      { label: 'recording', serverVersion: '17' },
    ];
    const skews = skewsOf(17, 'postgres (PostgreSQL) 17.11', tapes);
    assert.deepEqual(skews, [
      { major: 17, wal: '17.0', bundle: '17.11', tapes: ['a', 'c'] },
      { major: 17, wal: '17.4', bundle: '17.11', tapes: ['d'] },
    ]);
    assert.deepEqual(skews.map(describeSkew), [
      'PostgreSQL 17.11 on WAL of 17.0',
      'PostgreSQL 17.11 on WAL of 17.4',
    ]);
  });
});
