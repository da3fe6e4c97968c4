import { openBundle } from '../../bundle/open.ts';
import type { Progress } from '../../host/progress.ts';
import { temporaryDirectory } from '../../host/run-directory.ts';
import type { Check } from '../../verdict/cell.ts';
import { requireTapes } from '../inputs/choose-majors.ts';
import { referenceMajorsOf } from '../inputs/compute-image.ts';
import type { GateOptions } from '../gate-options.ts';
import { openGivenTapes } from '../replay/given-tapes.ts';
import { listedPlan } from './listed-plan.ts';
import { SuitePromises } from './suite-promises.ts';

/** What a gate with these options would check. Nothing is built or started; majors are those of tapes or compute images. */
export async function listPromises(options: GateOptions, progress: Progress): Promise<readonly Check[]> {
  const layout =
    options.candidate === undefined ? 'chroot' : (await openBundle(options.candidate, progress)).layout;
  await using scratch = await temporaryDirectory('tapes made of recordings');
  const given = openGivenTapes(options.tapes, options.majors, scratch.path);
  const ofTapes = [...new Set(given.map(({ tape }) => tape.manifest.major))];
  if (given.length > 0) requireTapes(options.majors ?? [], ofTapes);
  const majors =
    options.majors ??
    (given.length === 0 ? majorsOffered(options) : ofTapes.toSorted((left, right) => left - right));
  const plan = listedPlan(options, { layout, majors }, given);
  (await SuitePromises.collect()).checksOf(plan);
  return plan.checks;
}

function majorsOffered({ candidate, computeImages }: GateOptions): readonly number[] {
  return candidate === undefined ? referenceMajorsOf(computeImages) : computeImages.map(({ major }) => major);
}
