import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { integrityOf, lockText, parseLock, readLock, writeLock } from '../../harness/pin/lock-file.ts';
import { openLock } from '../../harness/pin/opened-lock.ts';
import { rejectionOf } from '../support/error-code.ts';
import { thrownBy } from '../support/thrown.ts';
import { smallLock } from './small-lock.ts';

const lock = smallLock();

function parsed(text: string): unknown {
  return parseLock(text, 'bundle.lock.json');
}

test.group('a lock file', (group) => {
  let directory: string;
  group.setup(() => {
    directory = mkdtempSync(join(tmpdir(), 'redoubt-lock-'));
    return () => {
      rmSync(directory, { recursive: true });
    };
  });

  test('is read as it was written, by the same bytes each time', async ({ assert }) => {
    const path = join(directory, 'bundle.lock.json');
    await writeLock(path, lock);
    const first = readFileSync(path, 'utf8');
    await writeLock(path, lock);
    assert.equal(readFileSync(path, 'utf8'), first);
    assert.deepEqual(await readLock(path), lock);
    assert.deepEqual(readdirSync(directory), ['bundle.lock.json']);
    assert.deepEqual(await openLock(path), { path, lock });
  });

  test('may be laid out otherwise', ({ assert }) => {
    const value = JSON.parse(lockText(lock)) as Record<string, unknown>;
    assert.deepEqual(parsed(JSON.stringify(value)), lock);
    const backwards = Object.fromEntries(Object.entries(value).toReversed());
    assert.deepEqual(parsed(JSON.stringify(backwards)), lock);
  });

  test('tells every value that was edited by hand', ({ assert }) => {
    const text = lockText(lock);
    const edits = [
      [/"b{64}"/, `"${'d'.repeat(64)}"`],
      [/"72\.1"/, '"76.1"'],
      [/"Storage team"/, '"nobody"'],
      [/"c{64}"/, `"${'e'.repeat(64)}"`],
      [/202406281/, '202406282'],
      [/"<<"/, '"<>"'],
      [/"major": 17/, '"major": 16'],
      [/"accepted": \[\]/, '"accepted": [1]'],
      [/"schemaVersion": 1/, '"schemaVersion": 0'],
      [/"redoubtVersion"/, '"other": 1, "redoubtVersion"'],
      [/"reviewers": \[/, '"reviewers": [ "nobody",'],
      [/"layout": "chroot"/, '"layout": "static"'],
      [/"bundle": \{/, '"__proto__": { "digest": "x" }, "bundle": {'],
      // The last one of the same name counts, and the first is read.
      [/"digest": "/, `"digest": "${'0'.repeat(64)}", "digest": "`],
      [/"integrity"/, '"reviewers": ["nobody"], "integrity"'],
      [/"schemaVersion": 1/, '"schemaVersion": 1.0'],
      [/"Storage team"/, String.raw`"\u0053torage team"`],
    ] as const;
    for (const [pattern, replacement] of edits) {
      const edited = text.replace(pattern, replacement);
      assert.notEqual(edited, text, String(pattern));
      const error = thrownBy(() => parsed(edited));
      assert.equal(error.code, 'lock-edited', String(pattern));
      assert.equal(error.exitCode, 2);
      assert.match(error.message, /^bundle\.lock\.json cannot be relied on: it was edited after redoubt pin/);
      assert.match(error.remedy ?? '', /redoubt pin --report/);
    }
  });

  test('refuses {what}')
    .with([
      { what: 'what is not JSON', text: '{', code: 'lock-invalid' },
      { what: 'half of one', text: lockText(lock).slice(0, 700), code: 'lock-invalid' },
      { what: 'nothing', text: '', code: 'lock-invalid' },
      { what: 'another kind of file', text: '{"name":"x"}', code: 'lock-invalid' },
      { what: 'a list', text: '[]', code: 'lock-invalid' },
      { what: 'a newer one', text: '{"integrity":"x","schemaVersion":2}', code: 'lock-newer' },
      {
        what: 'one that is sealed and has another form',
        text: JSON.stringify({ integrity: integrityOf({ schemaVersion: 1 }), schemaVersion: 1 }),
        code: 'lock-invalid',
      },
    ])
    .run(({ assert }, { text, code }) => {
      const error = thrownBy(() => parsed(text));
      assert.equal(error.code, code);
      assert.equal(error.kind, 'usage');
      assert.include(error.message, 'bundle.lock.json');
    });

  test('one that is named must be there, the usual one need not', async ({ assert }) => {
    const error = await rejectionOf(openLock(join(directory, 'none.json')));
    assert.equal(error.code, 'lock-missing');
    assert.equal((await rejectionOf(openLock(directory))).code, 'lock-missing', 'a folder');
    writeFileSync(join(directory, 'empty.json'), '');
    assert.equal((await rejectionOf(openLock(join(directory, 'empty.json')))).code, 'lock-invalid');
  });
});
