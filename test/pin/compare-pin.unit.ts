import { test } from '@japa/runner';

import type { PinnedInitdb, PinnedMajor } from '../../harness/pin/bundle-lock.ts';
import { comparePin, needsOrder, type PinStatement } from '../../harness/pin/compare-pin.ts';
import type { OrderEvidence } from '../../harness/pin/order-words.ts';
import { unmovedDrift } from '../support/unmoved-drift.ts';
import { library, pinnedMajor } from './small-lock.ts';

const sets = {
  '0123456789abcdef': { 'C.utf8': 'c1/t1', sv_SE: 'c2/t2', de_DE: 'c3/t3' },
  fedcba9876543210: { 'C.utf8': 'c9/t1', sv_SE: 'c2/t9', tok: 'c4/t4' },
  '00000000000000ff': { 'C.utf8': 'c1/t1', sv_SE: 'c2/t2', de_DE: 'c3/t3', tok: 'c4/t4' },
};

const moved = unmovedDrift({
  order: 'changed',
  alarm: 'warned',
  codePointsMoved: 4209,
  examples: [
    {
      kind: 'smallest',
      left: { text: "O'Connor", codePoints: ['U+004F'] },
      right: { text: 'O’Brien', codePoints: ['U+2019'] },
      from: '<',
      to: '>',
    },
  ],
});

function compared(
  change: Partial<PinnedMajor>,
  evidence?: OrderEvidence,
  pinned: PinnedMajor = pinnedMajor(),
): readonly PinStatement[] {
  return comparePin(
    { major: pinned, localeSets: sets },
    { major: { ...pinnedMajor(), ...change }, localeSets: sets },
    evidence,
  );
}

function of(statements: readonly PinStatement[], subject: PinStatement['subject']): PinStatement | undefined {
  return statements.find((each) => each.subject === subject);
}

function initdb(change: Partial<PinnedInitdb>): Partial<PinnedMajor> {
  const { initdb: usual } = pinnedMajor();
  return usual === null ? {} : { initdb: { ...usual, ...change } };
}

test.group('comparePin', () => {
  test('an untouched major is the same in all', ({ assert }) => {
    const statements = compared({});
    assert.isTrue(statements.every(({ isSame, code }) => isSame && code === undefined));
    assert.deepEqual(
      statements.map(({ words }) => words),
      [
        'libicu 72.1 the same',
        'libc 2.36 the same',
        'the data of 3 locales the same',
        'what initdb makes the same',
        'server 17.10 the same',
        'other libraries the same',
      ],
    );
    assert.isFalse(needsOrder(pinnedMajor(), pinnedMajor()));
  });

  test('a changed libicu is refused, with what both bundles were asked', ({ assert }) => {
    const change = { libicu: library('76.1', 'b') };
    assert.isTrue(needsOrder(pinnedMajor(), { ...pinnedMajor(), ...change }));
    const evidence: OrderEvidence = {
      kind: 'drift',
      locales: [moved, unmovedDrift({ locale: 'sv' }), unmovedDrift({ provider: 'libc', locale: 'C.UTF-8' })],
    };
    const statement = of(compared(change, evidence), 'libicu');
    assert.equal(statement?.code, 'pin-libicu-changed');
    assert.equal(
      statement?.words,
      'libicu 72.1 to 76.1: order changes for und (in und 4,209 code points move; "O\'Connor" < "O’Brien" becomes >), order is the same for sv, asked of both bundles',
    );
    assert.equal(statement?.short, 'libicu 72.1 to 76.1');
    assert.lengthOf(statement?.details ?? [], 1);
    assert.match(statement?.details[0] ?? '', /^und: .* \(U\+004F U\+0027 .* \| U\+004F U\+2019 /);
  });

  test('a changed libicu is refused although no order changes, a rebuilt one is told', ({ assert }) => {
    const evidence: OrderEvidence = { kind: 'drift', locales: [unmovedDrift({})] };
    assert.equal(
      of(compared({ libicu: library('76.1', 'b') }, evidence), 'libicu')?.code,
      'pin-libicu-changed',
    );
    const rebuilt = of(compared({ libicu: library('72.1', 'b') }, evidence), 'libicu');
    assert.isUndefined(rebuilt?.code);
    assert.equal(rebuilt?.words, 'libicu 72.1 rebuilt: order is the same for und, asked of both bundles');
    const open: OrderEvidence = { kind: 'drift', locales: [unmovedDrift({ order: 'unknown' })] };
    assert.equal(of(compared({ libicu: library('72.1', 'b') }, open), 'libicu')?.code, 'pin-libicu-changed');
  });

  test('says so when only the lock file could be asked: {what}')
    .with([
      {
        what: 'a pair that changes places',
        pairs: '<>',
        collversion: '153.128',
        known: true,
        words:
          /order changes for und \("c" < "d" becomes >\), collation versions 153\.120 to 153\.128, so that/,
      },
      {
        what: 'none that does',
        pairs: '<<',
        collversion: '153.128',
        known: true,
        words: /of 2 known pairs none changes places in und, which proves nothing, collation versions/,
      },
      {
        what: 'pairs of another Redoubt',
        pairs: '>>',
        collversion: '153.120',
        known: false,
        words: /knows other pairs of strings than this Redoubt, so that nothing is known of und/,
      },
    ])
    .run(({ assert }, { pairs, collversion, known, words }) => {
      const evidence: OrderEvidence = {
        kind: 'recorded',
        pinned: pinnedMajor().order,
        candidate: [{ provider: 'icu', locale: 'und', collversion, pairs }],
        pairs: known
          ? [
              { left: 'a', right: 'b', shows: '' },
              { left: 'c', right: 'd', shows: '' },
            ]
          : undefined,
      };
      for (const version of ['76.1', '72.1']) {
        const statement = of(compared({ libicu: library(version, 'b') }, evidence), 'libicu');
        assert.equal(statement?.code, 'pin-libicu-changed');
        assert.match(statement?.words ?? '', words);
        assert.match(
          statement?.words ?? '',
          /told by the lock file alone, since the pinned bundle is not at hand$/,
        );
      }
    });

  test('libc: another release is refused, a rebuilt one with the same data is told', ({ assert }) => {
    const silent = unmovedDrift({ provider: 'libc', locale: 'C.UTF-8', order: 'changed', alarm: 'silent' });
    const evidence: OrderEvidence = { kind: 'drift', locales: [silent] };
    const changed = of(compared({ libc: library('2.41', 'b') }, evidence), 'libc');
    assert.equal(changed?.code, 'pin-libc-changed');
    assert.equal(
      changed?.words,
      'libc 2.36 to 2.41: order changes for C.UTF-8, PostgreSQL gives no warning for C.UTF-8, asked of both bundles',
    );
    const rebuilt = of(compared({ libc: { ...library('2.36', 'b'), package: 'lib 2.36-2' } }), 'libc');
    assert.isUndefined(rebuilt?.code);
    assert.equal(
      rebuilt?.words,
      'libc 2.36 rebuilt (lib 2.36-1 to lib 2.36-2): the data of all locales is the same byte for byte',
    );
    assert.equal(
      of(compared({ libc: library('2.36', 'b') }, evidence), 'libc')?.code,
      'pin-libc-changed',
      'a rebuilt one that orders otherwise',
    );
    assert.match(
      of(compared({ libc: null }), 'libc')?.words ?? '',
      /^libc 2\.36 to none of its own: its order/,
    );
  });

  test('a libicu inside a static server is told by its collversion', ({ assert }) => {
    const inside = pinnedMajor({ libicu: null });
    assert.isUndefined(of(compared({ libicu: null }, undefined, inside), 'libicu'));
    const collversions = { libc: null, icuRoot: '153.128' };
    const statement = of(compared({ libicu: null, collversions }, undefined, inside), 'libicu');
    assert.equal(statement?.code, 'pin-libicu-changed');
    assert.equal(
      statement?.words,
      'libicu inside the server, collversion 153.120 to 153.128: its order was not asked for',
    );
  });

  test('locales: changed data and a locale that is gone are refused, new ones are told', ({ assert }) => {
    const changed = of(compared({ locales: 'fedcba9876543210' }), 'locales');
    assert.equal(changed?.code, 'pin-locales-changed');
    assert.equal(
      changed?.words,
      'locale data: LC_COLLATE of 1 of 2 changes (C.utf8); LC_CTYPE, by which letters have their case, of 1 of 2 changes (sv_SE); gone: de_DE; new: tok',
    );
    const more = of(compared({ locales: '00000000000000ff' }), 'locales');
    assert.isUndefined(more?.code);
    assert.equal(more?.words, 'locale data: new: tok');
  });

  test('initdb: what libraries explain, and what another server does, is told; all else is refused', ({
    assert,
  }) => {
    const versions = of(
      compared(
        initdb({
          collations: [
            { provider: 'ICU', version: '153.128', count: 871, names: '0123456789abcdef' },
            { provider: 'libc', version: '2.36', count: 651, names: '0123456789abcdef' },
          ],
          relations: '3'.repeat(64),
        }),
      ),
      'initdb',
    );
    assert.isUndefined(versions?.code);
    assert.equal(
      versions?.words,
      'initdb differs in collations: ICU 868 to 871 with version 153.120 to 153.128',
    );
    const settings = initdb({ settings: { lc_messages: 'C' } });
    assert.equal(of(compared(settings), 'initdb')?.code, 'pin-initdb-changed');
    assert.equal(
      of(compared(settings), 'initdb')?.words,
      'initdb differs in settings: lc_messages (C.UTF-8 to C)',
    );
    const pages = initdb({ relations: '3'.repeat(64) });
    assert.equal(of(compared(pages), 'initdb')?.code, 'pin-initdb-changed');
    const { server } = pinnedMajor();
    const newer = { ...pages, server: { ...server, version: '17.11', sha256: '4'.repeat(64) } };
    assert.isUndefined(of(compared(newer), 'initdb')?.code);
    assert.equal(of(compared(newer), 'server')?.words, 'server 17.10 to 17.11');
    assert.isUndefined(of(compared(initdb({ host: 'debian:12' })), 'initdb'), 'of different hosts');
  });

  test('the format of the data is refused, other libraries are told', ({ assert }) => {
    const { server } = pinnedMajor();
    const format = of(compared({ server: { ...server, catalogVersion: 202406282 } }), 'format');
    assert.equal(format?.code, 'pin-format-changed');
    assert.match(format?.words ?? '', /catalog version 202406281 to 202406282/);
    const libraries = of(
      compared({ libraries: { 'libssl.so.3': library('3.0.16', 'b'), 'libz.so.1': library('1.3') } }),
      'libraries',
    );
    assert.isUndefined(libraries?.code);
    assert.equal(libraries?.words, 'other libraries: libssl.so.3 3.0.15 to 3.0.16, libz.so.1 1.3 new');
  });
});
