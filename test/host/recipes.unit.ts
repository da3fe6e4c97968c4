import { test } from '@japa/runner';

import { RedoubtError } from '../../harness/error.ts';
import {
  buildRecipe,
  computeRecipe,
  defaultHostNames,
  hostNames,
  hostRecipe,
  majorsOfServers,
} from '../../harness/host/recipes.ts';
import { rootCacheKey, rootKey } from '../../harness/host/root.ts';

test.group('recipes', () => {
  test('every name and major in the tables has a recipe', ({ assert }) => {
    const recipes = [
      ...hostNames().map(hostRecipe),
      ...majorsOfServers().flatMap((major) => [computeRecipe(major), buildRecipe(major)]),
    ];
    const keys = recipes.map(rootCacheKey);
    assert.lengthOf([...new Set(keys)], keys.length);
    for (const key of keys) assert.match(key, /^roots\/[a-z0-9.-]+-[0-9a-f]{12}$/);
  });

  test('the default hosts are the three that a run names by itself', ({ assert }) => {
    assert.deepEqual(defaultHostNames(), ['debian:11', 'debian:12', 'debian:13']);
  });

  test('an unknown host and an unknown major are usage errors that name the known ones', ({ assert }) => {
    for (const [ask, known] of [
      [() => hostRecipe('debian:7'), 'debian:11'],
      [() => computeRecipe(9), '15'],
      [() => buildRecipe(9), '15'],
    ] as const) {
      try {
        ask();
        assert.fail('it was accepted');
      } catch (error) {
        assert.instanceOf(error, RedoubtError);
        assert.equal((error as RedoubtError).kind, 'usage');
        assert.include((error as RedoubtError).remedy, known);
      }
    }
  });
});

test.group('rootKey', () => {
  const recipe = { name: 'a', suite: 'bookworm', packages: ['x', 'y'] };

  test('does not depend on the order of packages or on the name', ({ assert }) => {
    assert.equal(rootKey(recipe), rootKey({ ...recipe, name: 'b', packages: ['y', 'x'] }));
  });

  test('changes with everything that changes the root', ({ assert }) => {
    const keys = [
      recipe,
      { ...recipe, suite: 'trixie' },
      { ...recipe, packages: ['x'] },
      { ...recipe, extracted: ['z'] },
      { ...recipe, files: { '/a': 'b' } },
      { ...recipe, files: { '/a': 'c' } },
    ].map(rootKey);
    assert.lengthOf([...new Set(keys)], keys.length);
  });
});
