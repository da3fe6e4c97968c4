import { test } from '@japa/runner';

import { askLibraries } from '../../../harness/collation/attribution/ask-libraries.ts';
import type { AskedPairs } from '../../../harness/collation/attribution/pair-question.ts';
import { exampleString } from '../../../harness/collation/example-string.ts';
import { composedImage } from '../../../harness/host/composition/composition-recipe.ts';
import { silent } from '../../../harness/host/progress.ts';
import { ensureRoot } from '../../../harness/host/root.ts';

const pairs = [{ left: exampleString("O'Connor"), right: exampleString('O\u{2019}Brien') }];
const of = (provider: AskedPairs['provider'], locale: string): AskedPairs => ({ provider, locale, pairs });

test.group('askLibraries', () => {
  test('code that searches the data of another version without end is said, and the others are asked', async ({
    assert,
  }) => {
    // Seen: the code of ICU 76 never comes back from Norwegian in the data of 67, and reads the rest of it.
    const { recipe } = await composedImage('pg=npm:17,icu=debian:13,icudata=debian:11', silent);
    const root = await ensureRoot(recipe, silent);
    const asked = [of('icu', 'und'), of('icu', 'nb'), of('icu', 'sv'), of('libc', 'xx_XX.UTF-8')];
    const [root67, norwegian, swedish, unknown] = await askLibraries(root, asked, silent, 5000);
    assert.deepEqual(root67, { kind: 'seen', seen: ['<'] });
    assert.deepEqual(norwegian, { kind: 'refused', why: 'icu nb: no answer in 5 s' });
    assert.deepEqual(swedish, { kind: 'seen', seen: ['<'] });
    assert.equal(unknown?.kind, 'refused');
  });
});
