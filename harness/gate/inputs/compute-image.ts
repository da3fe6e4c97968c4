import { referenceMajors } from '../../bundle/reference/build.ts';
import { RedoubtError } from '../../error.ts';
import {
  computeImage,
  type ComputeImage,
  computeMajors,
  defaultComputeImage,
} from '../../host/compute-images.ts';
import { compositionName, isComposition, splitNames } from '../../host/composition/composition-recipe.ts';

/**
 * The compute images that the user named (`debian:12,npm:16`), `given` for those with an archive (`NAME=ARCHIVE`) and
 * for compositions (`pg=npm:17,icu=debian:13`), or the
 * default one of every major; by major. Throws
 * `unknown-compute-image`, or `two-compute-images` for two of one major (usage).
 */
export function chooseComputeImages(
  typed: string | undefined,
  given: readonly ComputeImage[] = [],
): readonly ComputeImage[] {
  if (typed === undefined) return computeMajors().map(defaultComputeImage);
  const names = splitNames(typed);
  if (names.length === 0)
    throw new RedoubtError('usage', 'empty-option', '--compute names nothing', {
      remedy: `Choose from: ${computeMajors()
        .map((major) => defaultComputeImage(major).name)
        .join(', ')}, or another one.`,
    });
  const images = [...new Set(names.flatMap((name) => imagesNamed(name, given)))].toSorted(
    (left, right) => left.major - right.major,
  );
  const second = images.find(({ major }, index) => images[index - 1]?.major === major);
  if (second !== undefined) {
    const both = images.filter(({ major }) => major === second.major).map(({ name }) => name);
    throw new RedoubtError(
      'usage',
      'two-compute-images',
      `--compute ${typed}: ${both.join(' and ')} both have PostgreSQL ${String(second.major)}; a run has one for each major`,
      { remedy: 'Run the gate once for each of them.' },
    );
  }
  return images;
}

/** The images that one word of `--compute` names; `given` for `NAME=ARCHIVE`. Throws `unknown-compute-image` (usage). */
export function imagesNamed(word: string, given: readonly ComputeImage[]): readonly ComputeImage[] {
  if (isComposition(word)) return given.filter((image) => image.name === compositionName(word));
  const [name = '', archive] = word.split('=');
  return archive === undefined ? [computeImage(name)] : given.filter((image) => image.name === name);
}

/** The image that has a major. Throws `no-compute-image` (usage). */
export function imageOfMajor(images: readonly ComputeImage[], major: number): ComputeImage {
  const image = images.find((each) => each.major === major);
  if (image !== undefined) return image;
  throw new RedoubtError(
    'usage',
    'no-compute-image',
    `--pg ${String(major)}: no compute image of ${images.map(({ name }) => name).join(', ')} has PostgreSQL ${String(major)}`,
    {
      remedy: `Majors that can be had: ${computeMajors().map(String).join(', ')}; name an image with --compute.`,
    },
  );
}

/** The majors of a run that names none and judges the reference bundle: those that it and the images have. */
export function referenceMajorsOf(images: readonly ComputeImage[]): readonly number[] {
  return images.map(({ major }) => major).filter((major) => referenceMajors.includes(major));
}

/** The majors to put into the reference bundle of a run: the usual ones where they suffice, else just those asked for. */
export function referenceBundleMajors(asked: readonly number[] | undefined): readonly number[] {
  return asked === undefined || asked.every((major) => referenceMajors.includes(major))
    ? referenceMajors
    : asked;
}
