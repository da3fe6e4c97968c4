import { test } from '@japa/runner';

import { readLocaleArchive } from '../../harness/collation/locale-archive.ts';
import { RedoubtError } from '../../harness/error.ts';
import { localeArchive } from './support/locale-archive-builder.ts';

const archive = localeArchive({ 'en_US.utf8': Buffer.from('english'), de_DE: Buffer.from('deutsch!') });

function read(bytes: Buffer): ReadonlyMap<string, string> {
  const take = (offset: number, length: number): Buffer => bytes.subarray(offset, offset + length);
  return new Map(
    [...readLocaleArchive(take, 'here')].map(([name, { offset, length }]) => [
      name,
      take(offset, length).toString(),
    ]),
  );
}

test.group('readLocaleArchive', () => {
  test('finds each locale and its LC_COLLATE', ({ assert }) => {
    assert.deepEqual(
      [...read(archive)],
      [
        ['en_US.utf8', 'english'],
        ['de_DE', 'deutsch!'],
      ],
    );
  });

  test('says where one that is cut off ends, wherever that is', ({ assert }) => {
    const names = archive.indexOf('en_US') + 'en_US.utf8\0de_DE\0'.length;
    for (let length = 0; length < names; length += 1) {
      try {
        read(archive.subarray(0, length));
        assert.fail(`${String(length)} bytes were taken for an archive`);
      } catch (error) {
        assert.instanceOf(error, RedoubtError);
        assert.equal((error as RedoubtError).code, 'locale-archive-damaged');
      }
    }
  });

  test('refuses {what}')
    .with([
      { what: 'what is no archive', at: 0, value: 0x7f454c46, words: 'does not begin as' },
      { what: 'a table of millions of names', at: 16, value: 2 ** 30, words: '1073741824 names' },
      {
        what: 'an LC_COLLATE of gigabytes',
        at: 56 + 12 * 5 + 4 + 28,
        value: 2 ** 31,
        words: '2147483648 bytes',
      },
    ])
    .run(({ assert }, { at, value, words }) => {
      const broken = Buffer.from(archive);
      broken.writeUInt32LE(value, at);
      assert.throws(() => read(broken), new RegExp(words));
    });
});
