import { test } from '@japa/runner';

import { chosenCases, initdbCases, pageserverCase } from '../../../harness/gate/initdb/initdb-cases.ts';

const majors = [14, 15, 16, 17, 18];

test.group('the options of initdb', () => {
  test('over three hosts and all majors every case has its turn, and no host tries the same twice', ({
    assert,
  }) => {
    const tried = new Set<string>();
    for (const major of majors) {
      const chosen = [0, 1, 2].flatMap((host) => chosenCases(major, host, 'sample')).map(({ id }) => id);
      assert.lengthOf(new Set(chosen), 3, String(major));
      for (const id of chosen) tried.add(id);
    }
    const all = majors.flatMap((major) => initdbCases(major).map(({ id }) => id));
    assert.sameMembers([...tried], [...new Set(all)]);
  });

  test('the full matrix has every case of the major on every host', ({ assert }) => {
    assert.deepEqual(chosenCases(16, 2, 'full'), initdbCases(16));
  });

  test('each major is tried with the providers that it has', ({ assert }) => {
    const providers = majors.map((major) =>
      [...new Set(initdbCases(major).map(({ asked }) => asked.provider))].join(' '),
    );
    assert.deepEqual(providers, ['libc', 'libc icu', 'libc icu', 'libc icu builtin', 'libc icu builtin']);
    assert.deepEqual(
      majors.map((major) => pageserverCase(major).asked.provider),
      ['libc', 'libc', 'libc', 'builtin', 'builtin'],
    );
  });

  test('checksums are tried both on and off', ({ assert }) => {
    for (const major of majors) {
      const both = [pageserverCase(major), ...initdbCases(major)].map(({ asked }) => asked.checksums);
      assert.sameMembers([...new Set(both)], [true, false], String(major));
    }
  });
});
