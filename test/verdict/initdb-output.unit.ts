import { test } from '@japa/runner';

import { diffInitdbOutput } from '../../harness/verdict/initdb-output.ts';

const said = [
  'selecting dynamic shared memory implementation ... posix',
  'selecting default "max_connections" ... 100',
  'selecting default time zone ... Etc/UTC',
  'syncing data to disk ... ok',
].join('\n');

test.group('diffInitdbOutput', () => {
  test('shared memory and a zone without offset are the machine’s', ({ assert }) => {
    const other = said.replace('posix', 'sysv').replace('Etc/UTC', 'UTC');
    assert.isUndefined(diffInitdbOutput(said, other));
  });

  test('any other line counts, and any other value', ({ assert }) => {
    assert.deepEqual(diffInitdbOutput(said, said.replace('100', '20')), {
      missing: ['selecting default "max_connections" ... 100'],
      extra: ['selecting default "max_connections" ... 20'],
    });
    assert.deepEqual(diffInitdbOutput(said, said.replace('Etc/UTC', 'Asia/Tokyo'))?.extra, [
      'selecting default time zone ... Asia/Tokyo',
    ]);
    assert.deepEqual(diffInitdbOutput(said, `${said}\ninitdb: warning: x`)?.extra, ['initdb: warning: x']);
  });
});
