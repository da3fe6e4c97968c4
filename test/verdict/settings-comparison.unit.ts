import { test } from '@japa/runner';

import { diffSettings, readSettings } from '../../harness/verdict/settings-comparison.ts';

function file(...lines: readonly string[]): Buffer {
  return Buffer.from(lines.join('\n'));
}

test.group('postgresql.conf', () => {
  test('reads what is set, unquoted; the last line counts', ({ assert }) => {
    const settings = readSettings(
      file("lc_time = 'C.UTF-8'\t\t# words", '#port = 5432', 'port = 1', 'port 2', "search_path = 'it''s'"),
    );
    assert.deepEqual(
      [...settings],
      [
        ['lc_time', 'C.UTF-8'],
        ['port', '2'],
        ['search_path', "it's"],
      ],
    );
  });

  test('the same value in other words is no difference of settings, but the comment is one of lines', ({
    assert,
  }) => {
    assert.deepEqual(diffSettings(file('timezone = UTC', '# a'), file("timezone = 'UTC'", '# b')), {
      settings: [],
      otherLines: ['timezone = UTC', '# a', "timezone = 'UTC'", '# b'],
    });
  });

  test('names what one sets and the other does not', ({ assert }) => {
    const { settings, otherLines } = diffSettings(
      file('max_connections = 100', '#port = 5432', 'fsync = off'),
      file('max_connections = 20', 'port = 5432', 'fsync = off'),
    );
    assert.deepEqual(settings, [
      { name: 'max_connections', expected: '100', actual: '20' },
      { name: 'port', expected: null, actual: '5432' },
    ]);
    assert.isEmpty(otherLines);
  });
});
