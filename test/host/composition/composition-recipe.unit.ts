import { test } from '@japa/runner';

import { chooseComputeImages } from '../../../harness/gate/inputs/compute-image.ts';
import {
  compositionName,
  isComposition,
  parseComposition,
  splitNames,
} from '../../../harness/host/composition/composition-recipe.ts';
import { codeOf } from '../../support/error-code.ts';
import { thrownBy } from '../../support/thrown.ts';

test.group('words of a composition', () => {
  test('names are split at commas, and those of one composition stay together', ({ assert }) => {
    assert.deepEqual(splitNames('npm:15, pg=npm:17,libc=debian:12 ,icu=debian:13,debian:12'), [
      'npm:15',
      'pg=npm:17,libc=debian:12,icu=debian:13',
      'debian:12',
    ]);
    assert.deepEqual(splitNames('icu=debian:13,pg=npm:16,icu=debian:12'), [
      'icu=debian:13',
      'pg=npm:16,icu=debian:12',
    ]);
    assert.deepEqual(splitNames('mine=root.tar,npm:17'), ['mine=root.tar', 'npm:17']);
    assert.deepEqual(splitNames(' ,'), []);
  });

  test("what is left out is the server's own, and the server is npm's newest 17", ({ assert }) => {
    assert.deepEqual(parseComposition('libc=/a/root.tar,icu=debian:13'), {
      libc: '/a/root.tar',
      icu: 'debian:13',
    });
    assert.equal(
      compositionName('icu=debian:13,libc=debian:12'),
      'pg=npm:17.10,libc=debian:12,icu=debian:13',
    );
    assert.equal(compositionName('icu=npm:17,pg=npm:16'), 'pg=npm:16.14,icu=npm:17.10');
  });

  test('a server that is an image or a root keeps its name', ({ assert }) => {
    assert.equal(
      compositionName('libc=image:registry/a:1,pg=image:localhost:5000/pg:17'),
      'pg=image:localhost:5000/pg:17,libc=image:registry/a:1',
    );
    assert.equal(
      compositionName(`pg=${import.meta.dirname},icu=npm:17`),
      `pg=${import.meta.dirname},icu=npm:17.10`,
    );
    assert.equal(
      codeOf(() => compositionName('pg=/nowhere/root,icu=debian:13')),
      'unknown-compute-image',
    );
  });

  for (const [words, why] of [
    ['pg=npm:17,libx=debian:12', /libx=debian:12 names no part/],
    ['pg=npm:17,icu=debian:12,icu=debian:13', /icu is named twice/],
    ['pg=npm:17,icu=', /icu= names no part/],
    ['pg=npm:17,debian:13', /debian:13 names no part/],
  ] as const) {
    test(`${words} is refused`, ({ assert }) => {
      const error = thrownBy(() => parseComposition(words));
      assert.equal(`${error.kind} ${error.code}`, 'usage bad-composition');
      assert.match(error.message, why);
    });
  }

  test('a server that is not there is named as such', ({ assert }) => {
    assert.equal(
      codeOf(() => compositionName('pg=npm:99,icu=debian:13')),
      'unknown-compute-image',
    );
  });

  test('archives that bear other names are no compositions', ({ assert }) => {
    assert.isFalse(isComposition('mine=root.tar'));
    assert.isFalse(isComposition('npm:17'));
    assert.isTrue(isComposition('libc=debian:12'));
  });

  test('--compute finds the image of a composition, however it was written', ({ assert }) => {
    const name = compositionName('pg=npm:17,icu=debian:13');
    const image = {
      name,
      major: 17,
      recipe: { kind: 'given', name, path: '/', key: '', packages: {} },
    } as const;
    assert.deepEqual(
      chooseComputeImages('npm:15,pg=npm:17,icu=debian:13', [image]).map((each) => each.name),
      ['npm:15.18', name],
    );
  });
});
