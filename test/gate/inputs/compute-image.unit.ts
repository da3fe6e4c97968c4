import { test } from '@japa/runner';

import { referenceMajors } from '../../../harness/bundle/reference/build.ts';
import {
  chooseComputeImages,
  imageOfMajor,
  referenceBundleMajors,
  referenceMajorsOf,
} from '../../../harness/gate/inputs/compute-image.ts';
import { computeMajors, defaultComputeImage } from '../../../harness/host/compute-images.ts';
import { thrownBy } from '../../support/thrown.ts';

function namesOf(typed?: string): readonly string[] {
  return chooseComputeImages(typed).map(({ name }) => name);
}

test.group('chooseComputeImages', () => {
  test('takes the default image of every major when none is named', ({ assert }) => {
    assert.deepEqual(
      namesOf(),
      computeMajors().map((major) => defaultComputeImage(major).name),
    );
  });

  test('takes those that are named, by major, each once, npm:17 as the newest of its major', ({ assert }) => {
    assert.deepEqual(namesOf('npm:17.0, debian:12,npm:17.0'), ['debian:12', 'npm:17.0']);
    assert.deepEqual(namesOf('npm:17,npm:17.10'), ['npm:17.10']);
  });

  test('refuses two of one major, an unknown name, and nothing', ({ assert }) => {
    for (const [typed, code, word] of [
      ['npm:17.0,debian:12,debian:13', 'two-compute-images', 'npm:17.0 and debian:13'],
      ['debian:12,npm:17.3', 'unknown-compute-image', 'npm:17.3'],
      [' ,', 'empty-option', '--compute'],
    ] as const) {
      const error = thrownBy(() => chooseComputeImages(typed));
      assert.deepEqual([error.kind, error.code], ['usage', code]);
      assert.include(error.message, word);
    }
  });
});

test.group('imageOfMajor', () => {
  test('finds the image of a major among the chosen ones, or says which majors can be had', ({ assert }) => {
    const images = chooseComputeImages('npm:16,debian:13');
    assert.equal(imageOfMajor(images, 16).name, 'npm:16.14');
    const error = thrownBy(() => imageOfMajor(images, 15));
    assert.deepEqual([error.kind, error.code], ['usage', 'no-compute-image']);
    assert.include(error.message, 'npm:16.14, debian:13');
    assert.include(error.remedy, '14, 15, 16, 17, 18');
  });
});

test.group('the reference bundle', () => {
  test('is asked for the majors that it and the images have', ({ assert }) => {
    assert.deepEqual(referenceMajorsOf(chooseComputeImages(undefined)), referenceMajors);
    assert.deepEqual(referenceMajorsOf(chooseComputeImages('npm:17.0')), [17]);
  });

  test('is the usual one where that suffices, else has just the majors asked for', ({ assert }) => {
    assert.deepEqual(referenceBundleMajors(undefined), referenceMajors);
    assert.deepEqual(referenceBundleMajors([17]), referenceMajors);
    assert.deepEqual(referenceBundleMajors([99]), [99]);
    assert.deepEqual(referenceBundleMajors([17, 99]), [17, 99]);
  });
});
