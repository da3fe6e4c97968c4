import { test } from '@japa/runner';

import { splitStatements } from '../../harness/compute/sql-statements.ts';
import { codeOf } from '../support/error-code.ts';

function texts(script: string): readonly string[] {
  return splitStatements(script, 'script.sql').map((statement) => statement.text);
}

test.group('splitStatements', () => {
  test('cuts at semicolons and drops what is empty', ({ assert }) => {
    assert.deepEqual(texts('SELECT 1; ;\n\nSELECT 2 ;\n'), ['SELECT 1', 'SELECT 2']);
    assert.deepEqual(texts('SELECT 1'), ['SELECT 1']);
    assert.deepEqual(texts(''), []);
    assert.deepEqual(texts(' -- nothing\n /* at all */ ;'), []);
  });

  test('keeps semicolons that are inside of something', ({ assert }) => {
    const whole = [
      `SELECT 'a;b', 'it''s;', "x;""y"`,
      `SELECT E'\\';' || E'\\\\'`,
      `SELECT '\\'`,
      'SELECT $$ ; $$, $tag$ ; $$ ; $tag$, $ä_1$ ; $ä_1$',
      'SELECT a$b$c, $1',
      'SELECT /* ; /* ; */ ; */ 1',
      'SELECT 1 -- ; not yet\n + 2',
      "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $do$ BEGIN RETURN ';'; END $do$",
    ];
    assert.deepEqual(texts(whole.map((text) => `${text};`).join('\n')), whole);
  });

  test('tells the line on which each statement begins', ({ assert }) => {
    const lines = splitStatements('-- first\nSELECT 1;\n\n/* a\n b */ SELECT\n2;SELECT 3', 'x').map(
      (statement) => statement.line,
    );
    assert.deepEqual(lines, [2, 5, 6]);
  });

  test('refuses {$self}, which never ends')
    .with([`SELECT 'a`, 'SELECT "a', 'SELECT $x$ a $y$', 'SELECT /* /* */', "SELECT E'\\'"])
    .run(({ assert }, script) => {
      assert.equal(
        codeOf(() => splitStatements(script, 'x')),
        'sql-unterminated',
      );
    });
});
