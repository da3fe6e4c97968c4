import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { readStrings } from '../../harness/reproduction/failing-strings.ts';
import { rejection } from '../host/support/rejection.ts';

async function strings(text: string | Buffer): Promise<readonly string[]> {
  await using directory = await temporaryDirectory('strings');
  const path = join(directory.path, 'strings');
  await writeFile(path, text);
  const found = await readStrings(path);
  return found;
}

test.group('readStrings', () => {
  test('takes {what}')
    .with([
      { what: 'a string a line', text: 'one\ntwo\r\n\none\n', found: ['one', 'two'] },
      { what: 'an array', text: '["a\\nb", "c"]', found: ['a\nb', 'c'] },
      {
        what: "a report's keys and examples",
        text: JSON.stringify({
          code: 'nothing',
          findings: [{ message: 'no key', details: { before: ['x', 'y'], keys: ['"😀 web" (U+1F600)'] } }],
          examples: [{ left: { text: 'l', codePoints: [] } }],
        }),
        found: ['x', 'y', '"😀 web" (U+1F600)', '😀 web', 'l'],
      },
      {
        what: 'text that only begins like JSON',
        text: '[draft] one\n{two}',
        found: ['[draft] one', '{two}'],
      },
    ])
    .run(async ({ assert }, { text, found }) => {
      assert.deepEqual(await strings(text), found);
    });

  test('takes a byte order mark for what it is, and refuses what is not in UTF-8', async ({ assert }) => {
    assert.deepEqual(await strings('\uFEFFone\ntwo\n'), ['one', 'two']);
    const error = await rejection(strings(Buffer.from('Jörg\nJosé\n', 'latin1')));
    assert.equal(`${error.kind} ${error.code}`, 'usage strings-not-utf8');
  });

  test('refuses what has no two strings', async ({ assert }) => {
    for (const text of ['', 'one\n', '[]', '{}'])
      assert.equal((await rejection(strings(text))).code, 'no-strings', text);
  });
});
