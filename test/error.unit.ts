import { test } from '@japa/runner';

import { RedoubtError } from '../harness/error.ts';

test.group('RedoubtError', () => {
  test('maps each kind to its exit code', ({ assert }) => {
    assert.equal(new RedoubtError('verdict', 'a', 'm').exitCode, 1);
    assert.equal(new RedoubtError('usage', 'a', 'm').exitCode, 2);
    assert.equal(new RedoubtError('infrastructure', 'a', 'm').exitCode, 3);
  });
});
