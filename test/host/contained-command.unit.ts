import { test } from '@japa/runner';

import { complaintOf } from '../../harness/host/contained-command.ts';

test.group('complaintOf', () => {
  test("finds apt's words behind mmdebstrap's echo of the whole script", ({ assert }) => {
    const output = [
      'Reading package lists...',
      'E: Unable to find a source package for no-such-source',
      'E: setup failed: E: command failed: set -e',
      'cd "$1/usr/src"',
      'E: mmdebstrap failed to run',
    ].join('\n');
    assert.equal(complaintOf(output), 'E: Unable to find a source package for no-such-source');
  });

  test('takes the last of several complaints', ({ assert }) => {
    assert.equal(complaintOf('E: one\ndpkg-source: error: two\nI: three\n'), 'dpkg-source: error: two');
  });

  test('takes the last line when nothing complains', ({ assert }) => {
    assert.equal(complaintOf('one\ntwo\n'), 'two');
    assert.equal(complaintOf(''), '');
  });

  test("keeps mmdebstrap's own complaints", ({ assert }) => {
    assert.equal(complaintOf('E: unable to pick chroot mode\n'), 'E: unable to pick chroot mode');
  });
});
