import { test } from '@japa/runner';

import { parseSchedule } from '../../harness/compute/regression-suite.ts';

test.group('parseSchedule', () => {
  test('reads the scripts in order, group by group, and no comments', ({ assert }) => {
    const schedule = [
      '# src/test/regress/parallel_schedule',
      '# test: not_this_one',
      '',
      'test: test_setup',
      'test: boolean  char\tname',
      '# ----------',
      'test: tablespace',
    ].join('\n');
    assert.deepEqual(parseSchedule(schedule), ['test_setup', 'boolean', 'char', 'name', 'tablespace']);
  });

  test('finds nothing in a text that is no schedule', ({ assert }) => {
    assert.deepEqual(parseSchedule('boolean char name\n test: indented\n'), []);
  });
});
