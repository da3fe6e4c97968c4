import { test } from '@japa/runner';

import {
  computeImage,
  computeImages,
  computeMajors,
  computeRecipe,
  defaultComputeImage,
} from '../../../harness/host/compute-images.ts';
import { newestNpmServer } from '../../../harness/host/npm/npm-servers.ts';
import {
  buildRecipe,
  debianServerMajors,
  defaultHostNames,
  floorKernelRecipe,
  hostNames,
  hostRecipe,
  regressionRecipe,
  staticBuildRecipe,
} from '../../../harness/host/debian/recipes.ts';
import { type DebianRecipe, rootCacheKey, rootKey } from '../../../harness/host/debian/root-recipe.ts';
import { thrownBy } from '../../support/thrown.ts';

test.group('recipes', () => {
  test('every name and major in the tables has a recipe', ({ assert }) => {
    const recipes = [
      ...hostNames().map(hostRecipe),
      ...computeImages().map(({ recipe }) => recipe),
      ...debianServerMajors().map(buildRecipe),
      ...debianServerMajors().map(regressionRecipe),
      ...debianServerMajors().map(staticBuildRecipe),
      floorKernelRecipe(),
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
      [() => regressionRecipe(9), '15'],
    ] as const) {
      const error = thrownBy(ask);
      assert.equal(error.kind, 'usage');
      assert.include(error.remedy, known);
    }
  });
});

test.group('compute images', () => {
  test('every major of the tables has one, and a default one whose name it is', ({ assert }) => {
    assert.deepEqual(computeMajors(), [14, 15, 16, 17, 18]);
    for (const major of computeMajors()) {
      const image = defaultComputeImage(major);
      assert.equal(image.major, major);
      assert.equal(computeImage(image.name), image);
      assert.equal(computeRecipe(major), image.recipe);
    }
  });

  test("the default is Debian's own server on the hosts of every run, else npm's", ({ assert }) => {
    assert.deepEqual(
      computeMajors().map((major) => defaultComputeImage(major).name),
      ['npm:14.23', 'debian:12', 'npm:16.14', 'debian:13', 'npm:18.4'],
    );
  });

  test("npm's have an oldest and a newest minor of every major, and npm:17 is the newest", ({ assert }) => {
    for (const major of computeMajors()) {
      const minors = computeImages()
        .filter((image) => image.recipe.kind === 'npm-server' && image.major === major)
        .map(({ name }) => Number(name.split('.')[1]));
      assert.isAtLeast(minors.length, 2);
      const newest = computeImage(`npm:${String(major)}`);
      assert.equal(newest.name, `npm:${String(major)}.${String(Math.max(...minors))}`);
      assert.equal(newest.name, `npm:${newestNpmServer(major)?.serverVersion ?? ''}`);
    }
  });

  test('names are unique, and an unknown one is a usage error that names the known ones', ({ assert }) => {
    const names = computeImages().map(({ name }) => name);
    assert.lengthOf(new Set(names), names.length);
    for (const name of ['npm:17.99', 'npm:13', 'debian:11', '']) {
      const error = thrownBy(() => computeImage(name));
      assert.equal(error.code, 'unknown-compute-image');
      assert.equal(error.kind, 'usage');
      assert.include(error.remedy, 'npm:17.10');
      assert.include(error.remedy, 'debian:12 (PostgreSQL 15)');
    }
  });
});

test.group('rootKey', () => {
  const recipe: DebianRecipe = { kind: 'debian', name: 'a', suite: 'bookworm', packages: ['x', 'y'] };

  test('does not depend on the order of packages or on the name', ({ assert }) => {
    assert.equal(rootKey(recipe), rootKey({ ...recipe, name: 'b', packages: ['y', 'x'] }));
  });

  test('is what it was for recipes that ask for no sources', ({ assert }) => {
    assert.equal(rootKey(recipe), rootKey({ ...recipe, sources: [] }));
  });

  test('changes with everything that changes the root', ({ assert }) => {
    const keys = [
      recipe,
      { ...recipe, suite: 'trixie' },
      { ...recipe, packages: ['x'] },
      { ...recipe, extracted: ['z'] },
      { ...recipe, sources: ['z'] },
      { ...recipe, files: { '/a': 'b' } },
      { ...recipe, files: { '/a': 'c' } },
    ].map(rootKey);
    assert.lengthOf([...new Set(keys)], keys.length);
  });

  test("of a server of npm's changes with its base and with its digest", ({ assert }) => {
    const server = newestNpmServer(17);
    assert.exists(server);
    if (server === undefined) return;
    const layered = { kind: 'npm-server', name: 'a', base: recipe, server } as const;
    const keys = [
      recipe,
      layered,
      { ...layered, base: { ...recipe, suite: 'trixie' } },
      { ...layered, server: { ...server, integrity: 'sha512-AA==' } },
    ].map(rootKey);
    assert.lengthOf(new Set(keys), keys.length);
    assert.equal(rootKey({ ...layered, name: 'b' }), rootKey(layered));
  });
});
