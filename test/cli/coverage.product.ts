import { test } from '@japa/runner';

import type { Coverage } from '../../harness/redo/coverage.ts';
import { smallTape } from '../support/small-tape.ts';
import { redoubt } from '../support/redoubt-command.ts';

test.group('redoubt coverage', () => {
  test("leaves no gap in what the gate's captures reach", async ({ assert }) => {
    const { exitCode, stdout } = await redoubt(['coverage', '--pg', '17', '--json', '--quiet']);
    assert.equal(exitCode, 0);
    const { schemaVersion, majors } = JSON.parse(stdout) as {
      readonly schemaVersion: number;
      readonly majors: readonly Coverage[];
    };
    assert.equal(schemaVersion, 1);
    assert.lengthOf(majors, 1);
    assert.containSubset(majors[0], { major: 17, missing: 0 });
    assert.isAbove(majors[0]?.reached ?? 0, 110);
  });

  test('shows the gaps of a tape that somebody has', async ({ assert }) => {
    const { directory } = await smallTape(17);
    const { exitCode, stdout } = await redoubt(['coverage', '--tape', directory]);
    assert.equal(exitCode, 0);
    assert.match(
      stdout,
      /^PostgreSQL 17: \d+ of 124 kinds of records reached, 8 left out for a reason, \d+ missing$/m,
    );
    assert.match(stdout, /^ {2}Hash SPLIT_PAGE +0 +0 +MISSING$/m);
    assert.match(stdout, /^ {2}Heap INSERT +[\d,]+ +[\d,]+$/m);
    assert.match(stdout, /^ {2}XLOG NOOP +0 +- +no code of the server writes it$/m);
  });

  test('refuses {what}')
    .with([
      { what: 'a major that is none', words: ['--pg', 'x'], named: '"x"' },
      { what: 'a tape that is not there', words: ['--tape', '/nowhere'], named: '/nowhere' },
    ])
    .run(async ({ assert }, { words, named }) => {
      const { exitCode, stderr } = await redoubt(['coverage', ...words]);
      assert.equal(exitCode, 2);
      assert.include(stderr, named);
    });
});
