import { test } from '@japa/runner';

import type { SharedLocale } from '../../harness/collation/locale-list.ts';
import { alarmOf } from '../../harness/collation/locale-drift.ts';
import { sweepGroups } from '../../harness/collation/sweep-groups.ts';

function locale(name: string, from: string | null, to: string | null): SharedLocale {
  return {
    locale: name,
    from: { name, collversion: '1', data: from, codeset: undefined },
    to: { name, collversion: '2', data: to, codeset: undefined },
  };
}

const libc = { provider: 'libc', isSameIcu: false, sweepEach: false } as const;

test.group('sweepGroups', () => {
  test('sweeps what differs, and the largest of what does not', ({ assert }) => {
    const groups = sweepGroups(
      [
        locale('en', 'a', 'a'),
        locale('fr', 'a', 'a'),
        locale('hu', 'h', 'h'),
        locale('sv', 's', 't'),
        locale('fi', 's', 't'),
      ],
      libc,
    );
    assert.deepEqual(
      groups.map(({ members, isSameData, isSwept }) => [
        members.map((each) => each.locale).join(),
        isSameData,
        isSwept,
      ]),
      [
        ['en,fr', true, true],
        ['hu', true, false],
        ['sv,fi', false, true],
      ],
    );
  });

  test('sweeps each that the user named', ({ assert }) => {
    const groups = sweepGroups([locale('en', 'a', 'a'), locale('hu', 'h', 'h')], {
      ...libc,
      sweepEach: true,
    });
    assert.isTrue(groups.every(({ isSwept }) => isSwept));
  });

  test('takes no data for the same as no data', ({ assert }) => {
    const groups = sweepGroups([locale('C', null, null), locale('D', null, null)], libc);
    assert.lengthOf(groups, 2);
    assert.isTrue(groups.every(({ isSwept, isSameData }) => isSwept && !isSameData));
  });

  test('keeps settings of libicu apart, though the tailoring is one', ({ assert }) => {
    const icu = { ...libc, provider: 'icu' } as const;
    const names = ['und', 'en', 'und-u-ks-level1', 'und-u-co-emoji'];
    const groups = sweepGroups(
      names.map((name) => locale(name, 'root', 'root')),
      icu,
    );
    assert.deepEqual(
      groups.map(({ members }) => members.map((each) => each.locale)),
      [['und', 'en', 'und-u-co-emoji'], ['und-u-ks-level1']],
    );
    assert.isTrue(groups.every(({ isSameData }) => !isSameData));
    assert.isTrue(
      sweepGroups([locale('und', 'root', 'root')], { ...icu, isSameIcu: true }).every(
        ({ isSameData }) => isSameData,
      ),
    );
  });
});

test.group('alarmOf', () => {
  test('{order}, {equality}, {warned}: {alarm}')
    .with([
      { order: 'changed', equality: 'same', warned: false, alarm: 'silent' },
      { order: 'changed', equality: 'same', warned: true, alarm: 'warned' },
      { order: 'same', equality: 'changed', warned: false, alarm: 'silent' },
      { order: 'same', equality: 'same', warned: true, alarm: 'false alarm' },
      { order: 'same', equality: 'same', warned: false, alarm: 'quiet' },
      { order: 'unknown', equality: 'unknown', warned: true, alarm: 'unknown' },
    ] as const)
    .run(({ assert }, { order, equality, warned, alarm }) => {
      assert.equal(alarmOf(order, equality, warned), alarm);
    });
});
