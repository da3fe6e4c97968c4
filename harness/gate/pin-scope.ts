import { type LocaleInUse, nameOfLocale, parseLocalesInUse } from '../collation/locale-in-use.ts';
import { splitNames } from '../host/composition/composition-recipe.ts';
import type { Progress } from '../host/progress.ts';
import { temporaryDirectory } from '../host/run-directory.ts';
import type { RequiredScope } from '../pin/approve.ts';
import type { RedoubtPolicy } from '../policy/policy.ts';
import { defaultAnswerTimeoutMs } from '../redo/replay/replay.ts';
import { capturePlans } from './capture/capture-plan.ts';
import { imagesNamed } from './inputs/compute-image.ts';
import { openGivenCompute } from './inputs/given-compute.ts';
import { hostChoices } from './inputs/host-choices.ts';
import { localesOfWorkloads } from './order/locales-of-workloads.ts';
import { suitesWithPromises } from './plan/suite-files.ts';
import { openGivenTapes } from './replay/given-tapes.ts';

/**
 * What a report must have judged of a bundle with these majors: what the policy says, else what a gate judges where nothing
 * is typed. Throws what opening the policy's tapes and compute images throws.
 */
export async function requiredScope(
  policy: RedoubtPolicy,
  bundleMajors: readonly number[],
  progress: Progress,
): Promise<RequiredScope> {
  const majors = policy.majors ?? bundleMajors;
  const { hosts, defaultHosts, optionalHosts } = hostChoices();
  const usualLocales = namesOf((await Promise.all(majors.map(localesOfWorkloads))).flat());
  return {
    suites: policy.suites ?? suitesWithPromises,
    majors,
    hosts:
      policy.hosts ?? defaultHosts.filter((name) => hosts.includes(name) && !optionalHosts.includes(name)),
    locales: policy.locales === undefined ? usualLocales : namesOf(localesOf(policy.locales)),
    usualLocales,
    answerTimeoutMs: defaultAnswerTimeoutMs,
    pages:
      policy.tapes === undefined
        ? {
            kind: 'captured',
            captures: capturePlans.map(({ label }) => label),
            computeImages: await imagesOf(policy, majors, progress),
          }
        : { kind: 'given', tapes: await tapesOf(policy.tapes, policy.majors) },
  };
}

/** Locales as a policy names them. Throws `unknown-locale` (usage). */
export function localesOf(locales: readonly string[]): readonly LocaleInUse[] {
  return parseLocalesInUse('policy.locales', locales.join(','));
}

function namesOf(locales: readonly LocaleInUse[]): readonly string[] {
  return [...new Set(locales.map(nameOfLocale))];
}

/** The names by which reports know the compute images of a policy. */
async function imagesOf(
  { computeImages = [] }: RedoubtPolicy,
  majors: readonly number[],
  progress: Progress,
): Promise<readonly string[]> {
  const typed = computeImages.join(',');
  const given = await openGivenCompute(typed, progress);
  const images = splitNames(typed).flatMap((word) => imagesNamed(word, given));
  return [...new Set(images.filter(({ major }) => majors.includes(major)).map(({ name }) => name))];
}

/** The tapes of a policy as they are now. */
async function tapesOf(
  paths: readonly string[],
  majors: readonly number[] | undefined,
): Promise<readonly { readonly path: string; readonly digest: string }[]> {
  await using scratch = await temporaryDirectory('tapes of a policy');
  const opened = openGivenTapes(paths, majors, scratch.path);
  return paths.map((path, at) => ({ path, digest: opened[at]?.tape.digest ?? '' }));
}
