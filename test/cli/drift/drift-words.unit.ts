import { test } from '@japa/runner';

import type { Drift } from '../../../harness/collation/drift.ts';
import type { LocaleDrift } from '../../../harness/collation/locale-drift.ts';
import { uncoloured } from '../../../harness/cli/drift/drift-report.ts';
import { driftLines } from '../../../harness/cli/drift/drift-words.ts';
import { unmovedDrift } from '../../support/unmoved-drift.ts';

const side = { name: 'npm:17', libc: '2.36', icu: null, assigned: {} };

function textOf(...locales: readonly LocaleDrift[]): string {
  const drift: Drift = {
    from: side,
    to: { ...side, name: 'npm:18' },
    localeData: { inBoth: 0, equal: 0, different: [] },
    onlyIn: { from: [], to: [] },
    locales,
  };
  return driftLines(drift, uncoloured).join('\n');
}

const builtin = { provider: 'builtin', locale: 'C.UTF-8', warned: false, alarm: 'quiet' } as const;
const nothing = { lower: 0, upper: 0, alpha: 0, digit: 0, space: 0, punct: 0 };

test.group('driftLines', () => {
  test('letters that change are told beside an order that does not', ({ assert }) => {
    const character = { codePoint: 'U+1C89', character: 'Ᲊ', what: 'lower', from: 'Ᲊ', to: 'ᲊ' } as const;
    const changed = { ...nothing, lower: 27, upper: 27, punct: 3 };
    const text = textOf(unmovedDrift({ ...builtin, characters: { changed, examples: [character] } }));
    assert.match(text, /^\? builtin C\.UTF-8: no order changes, LETTERS do; PostgreSQL does not warn/m);
    assert.match(
      text,
      /^ {4}27 characters have another lower\(\), 27 another upper\(\), 3 changes of class, "Ᲊ" \(U\+1C89\) among them$/m,
    );
    assert.match(text, /^letters {2}indexes, .* under builtin C\.UTF-8 are wrong where these letters stand/m);
  });

  test('letters that do not change are no news', ({ assert }) => {
    const text = textOf(unmovedDrift({ ...builtin, characters: { changed: nothing, examples: [] } }));
    assert.match(text, /^✓ builtin C\.UTF-8: no change; PostgreSQL does not warn/m);
    assert.notMatch(text, /letters/);
    assert.match(
      textOf(unmovedDrift(builtin)),
      /^✓ builtin C\.UTF-8: no order changes; letters were not asked of both sides' servers; PostgreSQL does not/m,
    );
  });

  test("what becomes of the user's own strings is said of each locale", ({ assert }) => {
    const text = textOf(
      unmovedDrift({ locale: 'sv', own: { strings: 1200, moved: 0, otherEquals: 0 } }),
      unmovedDrift({ locale: 'de', order: 'unknown', own: { strings: 2, moved: 0, otherEquals: 0 } }),
      unmovedDrift({ locale: 'lv', order: 'changed', own: { strings: 9, moved: 1, otherEquals: 2 } }),
      unmovedDrift({ locale: 'en' }),
    );
    assert.match(text, /^✓ icu sv: none of your 1,200 strings move; no change;/m);
    assert.match(text, /^\? icu de: none of your 2 strings move; .* nothing is proved of others/m);
    assert.match(text, /^ {4}1 of your 9 strings moves; 2 of them have other equals$/m);
    assert.match(text, /^✓ icu en: no change;/m);
  });
});
