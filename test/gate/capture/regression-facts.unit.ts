import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import {
  readRegressionFacts,
  regressionLines,
  type RegressionFacts,
} from '../../../harness/gate/capture/regression-facts.ts';
import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { codeOf } from '../../support/error-code.ts';

const facts: RegressionFacts = {
  schemaVersion: 1,
  major: 17,
  suite: 'postgresql-17 17.11-0',
  serverVersion: '17.11',
  scripts: { run: 3, asExpected: 2, otherwise: ['triggers'] },
  pages: { all: 10, replayed: 6, modelled: 1, untouched: 3 },
  excluded: [{ what: 'temporary relations', reason: 'the WAL has no record of them' }],
};

test.group('regression facts', () => {
  test('are read as they were written, and damage is told by the path', async ({ assert }) => {
    await using directory = await temporaryDirectory('a test');
    const path = join(directory.path, 'regression.json');
    assert.equal(
      codeOf(() => readRegressionFacts(path)),
      'regression-facts',
    );
    const text = JSON.stringify(facts);
    await writeFile(path, text);
    assert.deepEqual(readRegressionFacts(path), facts);
    for (const damaged of [text.slice(0, -1), text.replace('"run":3', '"run":-3'), '{}']) {
      await writeFile(path, damaged);
      assert.equal(
        codeOf(() => readRegressionFacts(path)),
        'regression-facts',
      );
    }
  });

  test('name the scripts that went otherwise, the pages, and all that is excluded with its reason', ({
    assert,
  }) => {
    const [suite, pages, ...excluded] = regressionLines(facts);
    assert.match(suite ?? '', /postgresql-17 17\.11-0 .*3 scripts run, 2 with .*; otherwise: triggers$/);
    assert.match(pages ?? '', /10 of permanent relations: 6 on the tape; .*3 that no record touches, 1 of/);
    assert.deepEqual(excluded, ['excluded temporary relations: the WAL has no record of them']);
    const all = regressionLines({ ...facts, scripts: { run: 3, asExpected: 3, otherwise: [] } });
    assert.notInclude(all[0], 'otherwise');
  });
});
