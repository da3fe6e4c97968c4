import { test } from '@japa/runner';

import { attributionLines } from '../../harness/cli/drift/attribution-words.ts';
import { causeViews } from '../../harness/cli/drift/cause-views.ts';
import { uncoloured } from '../../harness/cli/drift/drift-report.ts';
import type { AttributionRun, LocaleAttribution } from '../../harness/collation/attribution/attribution.ts';
import { exampleString } from '../../harness/collation/example-string.ts';
import { unmovedDrift } from '../support/unmoved-drift.ts';

function run(
  base: 'from' | 'to',
  parts: AttributionRun['parts'],
  more: Partial<AttributionRun>,
): AttributionRun {
  const environment = ['pg=npm:17', ...parts].join(',');
  return { base, parts, environment, asked: 'libraries', seen: ['<'], refused: null, like: base, ...more };
}

const attribution: LocaleAttribution = {
  cause: 'locale-data',
  library: 'libc',
  parts: ['locales'],
  characters: [],
  pairs: [{ left: exampleString('by'), right: exampleString('Bi') }],
  runs: [
    run('from', [], {}),
    run('to', [], { seen: ['>'] }),
    run('from', ['libc'], {}),
    run('to', ['libc'], { seen: ['>'] }),
    run('from', ['locales'], { seen: ['>'], like: 'to' }),
    run('from', ['locales'], { asked: 'server', seen: null, refused: 'no such locale', like: null }),
    run('to', ['locales'], { like: 'from' }),
  ],
  notSwapped: [{ part: 'server', why: 'no such locale' }],
};

test.group('causeViews', () => {
  const drifts = ['lv_LV.UTF-8', 'lv_LV'].map((locale) => unmovedDrift({ provider: 'libc', locale }));
  const views = causeViews(new Map(drifts.map((drift) => [drift, attribution])));

  test('says together what is true of several locales, and what each environment answered', ({ assert }) => {
    assert.lengthOf(views, 1);
    assert.containSubset(views[0], {
      locales: ['lv_LV.UTF-8', 'lv_LV'],
      cause: 'libc: its locale data, not its code',
      idle: ["libc's code"],
      notExchanged: [{ part: 'the server', why: 'no such locale' }],
    });
    assert.deepEqual(
      views[0]?.runs.map(({ exchanged, libraries, server }) => [exchanged, libraries, server]),
      [
        ['nothing (from)', '<', ''],
        ['nothing (to)', '>', ''],
        ["libc's locale data into from", '>', 'refused'],
        ["libc's locale data into to", '<', ''],
      ],
    );
  });

  test('in lines for the terminal', ({ assert }) => {
    const text = attributionLines(views, uncoloured).join('\n');
    assert.match(text, /^cause {4}libc lv_LV\.UTF-8, lv_LV: libc: its locale data, not its code$/m);
    assert.match(text, /^ {4}asked of lv_LV\.UTF-8: "by" \? "Bi"$/m);
    assert.match(text, /^ {4}exchanged without effect: libc's code$/m);
    assert.match(text, /^ {4}not exchanged: the server: no such locale$/m);
  });

  test('shows letters that servers were asked as they look and as they are', ({ assert }) => {
    const drift = unmovedDrift({ provider: 'builtin', locale: 'C.UTF-8' });
    const asked = { asked: 'server', seen: ['ᲊ'] } as const;
    const [view] = causeViews(
      new Map([
        [
          drift,
          {
            ...attribution,
            cause: 'none',
            parts: [],
            pairs: [],
            characters: [
              { what: 'lower', ...exampleString('Ᲊ') },
              { what: 'alpha', ...exampleString('\u0363') },
            ],
            runs: [run('from', [], asked), run('from', ['server'], asked)],
            notSwapped: [],
          },
        ],
      ]),
    );
    const text = attributionLines(view === undefined ? [] : [view], uncoloured).join('\n');
    assert.match(text, /: nothing: both sides answer the same, whatever is exchanged$/m);
    assert.match(text, /^ {4}asked: lower\("Ᲊ" U\+1C89\) {3}alpha\(U\+0363\)$/m);
    assert.match(text, /^ {4}the server into from +ᲊ +pg=npm:17,server$/m);
  });
});
