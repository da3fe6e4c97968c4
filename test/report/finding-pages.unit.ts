import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { findingCodes } from '../../harness/verdict/finding-code.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/findings.md'), 'utf8');
const entries = page.split(/^### /m).slice(1);

test.group('docs/findings.md', () => {
  test('has one entry for each code of a finding, and no other', ({ assert }) => {
    const titles = entries.map((entry) => entry.slice(0, entry.indexOf('\n')));
    assert.deepEqual(titles.toSorted(), [...findingCodes].toSorted());
  });

  test('says of each what it means and what to do', ({ assert }) => {
    for (const entry of entries) assert.match(entry, /^[a-z0-9-]+\n\n\S[^]{20,}\n\n_What to do:_ \S[^]{3,}/);
  });
});
