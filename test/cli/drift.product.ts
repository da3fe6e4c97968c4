import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import type { Drift } from '../../harness/collation/drift.ts';
import type { LocaleDrift } from '../../harness/collation/locale-drift.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { redoubt } from '../support/redoubt-command.ts';

interface DriftAnswer extends Drift {
  readonly exitCode: number;
}

async function drift(words: string): Promise<DriftAnswer & { readonly ended: number | undefined }> {
  const { exitCode, stdout } = await redoubt(['drift', ...words.split(' '), '--json', '--quiet']);
  return { ...(JSON.parse(stdout) as DriftAnswer), ended: exitCode };
}

/** A file with a user's own strings. */
async function stringsFile(text: string): Promise<AsyncDisposable & { readonly path: string }> {
  const directory = await temporaryDirectory('own strings');
  const path = join(directory.path, 'strings');
  await writeFile(path, text);
  return { path, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

function of(answer: DriftAnswer, provider: string, locale: string): LocaleDrift | undefined {
  return answer.locales.find((each) => each.provider === provider && each.locale === locale);
}

function pairsOf(found: LocaleDrift | undefined): readonly string[] {
  return (found?.examples ?? []).map(({ left, right }) => `${left.text} ${right.text}`);
}

test.group('redoubt drift', () => {
  test('finds the silent drift of C.UTF-8 and the false alarm of en_US, debian:11 to debian:12', async ({
    assert,
  }) => {
    await using own = await stringsFile('user 😀\nuser 1\nnobody\n');
    const answer = await drift(
      `--from debian:11 --to debian:12 --provider libc --locale C.utf8,C.UTF8,sv_SE.UTF-8,en_US.utf8 --strings ${own.path}`,
    );
    assert.deepEqual([answer.ended, answer.exitCode], [1, 1]);
    assert.equal(answer.from.libc, '2.31');
    assert.equal(answer.to.libc, '2.36');
    assert.includeMembers([...answer.localeData.different], ['C.UTF-8', 'sv_SE.UTF-8']);
    assert.isBelow(answer.localeData.different.length, 12);
    const bytewise = of(answer, 'libc', 'C.utf8');
    assert.containSubset(bytewise, {
      order: 'changed',
      warned: false,
      alarm: 'silent',
      collversion: { from: null, to: null },
      evidence: ['facts', 'canaries', 'strings', 'sweep'],
      own: { strings: 3, moved: 1, otherEquals: 0 },
      classes: [{ name: 'ASCII', order: 'same' }],
    });
    assert.isAbove(bytewise?.assignedInBothMoved ?? 0, 50_000);
    assert.equal(pairsOf(bytewise)[0], 'user 😀 user 1');
    // Spelt otherwise it is the same.
    assert.deepEqual({ ...of(answer, 'libc', 'C.UTF8'), locale: 'C.utf8', sweptAs: null }, bytewise);
    assert.isTrue(pairsOf(bytewise).some((pair) => /\p{Extended_Pictographic}/u.test(pair)));
    assert.containSubset(of(answer, 'libc', 'sv_SE.UTF-8'), {
      order: 'changed',
      alarm: 'warned',
      assignedInBothMoved: 2,
      scripts: { Latin: 2 },
      classes: [{ name: 'ASCII', order: 'changed' }],
    });
    assert.containSubset(of(answer, 'libc', 'en_US.utf8'), {
      order: 'same',
      equality: 'same',
      warned: true,
      alarm: 'false alarm',
      collversion: { from: '2.31', to: '2.36' },
      codePointsMoved: 0,
      own: { strings: 3, moved: 0, otherEquals: 0 },
      examples: [],
    });
  });

  test("counts what moves in libicu's root, debian:12 to debian:13", async ({ assert }) => {
    const answer = await drift(
      '--from debian:12 --to debian:13 --provider icu --locale root,und-u-ks-level1',
    );
    assert.equal(answer.ended, 1);
    const root = of(answer, 'icu', 'root');
    assert.containSubset(root, {
      order: 'changed',
      warned: true,
      collversion: { from: '153.120', to: '153.128' },
      classes: [
        { name: 'ASCII', order: 'same' },
        { name: 'Latin-1', order: 'same' },
      ],
    });
    assert.approximately(root?.assignedInBothMoved ?? 0, 4209, 42);
    assert.isAbove(root?.codePointsMoved ?? 0, root?.assignedInBothMoved ?? 0);
    assert.isTrue(pairsOf(root).some((pair) => pair.includes("'") && pair.includes('’')));
    assert.equal(of(answer, 'icu', 'und-u-ks-level1')?.equality, 'changed');
  });

  test('finds lv_LV, debian:12 to debian:13, and tells people what to do', async ({ assert }) => {
    const { exitCode, stdout } = await redoubt([
      'drift',
      ...'--from debian:12 --to debian:13 --provider libc --locale lv_LV.utf8 --quiet'.split(' '),
    ]);
    assert.equal(exitCode, 1);
    assert.match(stdout, /^✗ libc lv_LV\.utf8: order changes; PostgreSQL warns$/m);
    assert.match(stdout, /^ {4}12 code points move \(Latin 12\); /m);
    assert.match(stdout, /^ {4}"Y" < "I0" becomes > {2}U\+0059 \| U\+0049 U\+0030$/m);
    assert.match(stdout, /^ {4}not safe: ASCII-only keys/m);
    assert.match(
      stdout,
      /^reindex {2}every index, .* under libc lv_LV\.utf8, .*; look for duplicates first$/m,
    );
  });

  test('looks at every locale in passing, and says what that does not prove', async ({ assert }) => {
    const answer = await drift('--from debian:12 --to debian:13 --provider libc --quick');
    assert.equal(answer.ended, 1);
    const changed = answer.locales.filter(({ order }) => order === 'changed').map(({ locale }) => locale);
    assert.include(changed, 'lv_LV.UTF-8');
    assert.isAbove(
      answer.locales.filter(({ order, alarm }) => order === 'same' && alarm === 'false alarm').length,
      300,
    );
    assert.includeMembers([...answer.onlyIn.to], ['libc tok']);
  });

  test("asks of the user's own strings in passing, too, which proves nothing of others", async ({
    assert,
  }) => {
    await using calm = await stringsFile('Anna\nBerta\n');
    await using moving = await stringsFile('["I0", "Y"]');
    const words = 'drift --from debian:12 --to debian:13 --provider libc --quick --quiet --locale'.split(' ');
    const none = await redoubt([...words, 'lv_LV.utf8', '--strings', calm.path]);
    assert.equal(none.exitCode, 1, 'a canary flips');
    assert.match(none.stdout, /^ {4}none of your 2 strings move$/m);
    assert.notMatch(none.stdout, /safe:/);
    const some = await redoubt([...words, 'lv_LV.utf8', '--strings', moving.path]);
    assert.match(
      some.stdout,
      /^ {4}1 of your 2 strings moves\n {4}"Y" < "I0" becomes > \(yours\) {2}U\+0059/m,
    );
  });

  test('takes the names that PostgreSQL gave to tailorings of libicu before 16', async ({ assert }) => {
    const words = '--provider icu --quick --locale de@collation=phonebook,de-u-co-phonebk';
    const { locales } = await drift(`--from debian:12 --to debian:13 ${words}`);
    const [old, now] = locales;
    assert.equal(old?.data.from, 'de@collation=phonebook');
    assert.deepEqual({ ...old, locale: '' }, { ...now, locale: '' });
    assert.equal(old?.order, 'changed');
    // ICU 52 knows none: PostgreSQL 15.0 reads them itself.
    const { exitCode, stderr } = await redoubt([
      'drift',
      ...`--from npm:15.0 --to debian:12 ${words}`.split(' '),
    ]);
    assert.equal(exitCode, 2);
    assert.include(stderr, 'de@collation=phonebook');
  });

  test('nothing changes between a place and itself', async ({ assert }) => {
    const answer = await drift('--from debian:13 --to debian:13 --locale und,C');
    assert.deepEqual([answer.ended, answer.exitCode], [0, 0]);
    for (const { order, equality, alarm } of answer.locales)
      assert.deepEqual([order, equality, alarm], ['same', 'same', 'quiet']);
    assert.deepEqual(
      answer.locales.map(({ provider, locale }) => `${provider} ${locale}`),
      ['icu und', 'libc C', 'builtin C'],
    );
  });

  test('refuses {what}')
    .with([
      { what: 'a place that is not there', words: '--from nowhere:1 --to debian:12', named: 'nowhere:1' },
      {
        what: 'a locale that nobody has',
        words: '--from debian:12 --to debian:13 --locale xx_XX.utf8',
        named: 'xx_XX.utf8',
      },
      {
        what: 'no name of a locale',
        words: '--from debian:12 --to debian:13 --locale ,de;rank',
        named: '--locale "de;rank"',
      },
      {
        what: 'a provider that is none',
        words: '--from debian:12 --to debian:13 --provider glib',
        named: 'glib',
      },
      {
        what: 'strings that are not there',
        words: '--from debian:12 --to debian:13 --strings /nowhere/strings',
        named: '/nowhere/strings',
      },
      { what: 'half of a question', words: '--from debian:12', named: '--to' },
    ])
    .run(async ({ assert }, { words, named }) => {
      const { exitCode, stderr } = await redoubt(['drift', ...words.split(' ')]);
      assert.equal(exitCode, 2);
      assert.include(stderr, named);
    });
});
