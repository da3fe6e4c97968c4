import { findServerProgram } from '../../compute/server-program.ts';
import { openChrootHost } from '../../host/chroot/chroot-host.ts';
import type { ComputeImage } from '../../host/compute-images.ts';
import type { Progress } from '../../host/progress.ts';
import { ensureRoot } from '../../host/root.ts';
import type { CapturePlan } from '../capture/capture-plan.ts';
import type { GivenTape } from './given-tapes.ts';

/** A tape of a run before it is opened. */
export interface TapeServer {
  readonly label: string;
  /** Of the server that wrote its WAL, or will: `17.11`. */
  readonly serverVersion: string;
}

/** The tapes that were given, with the servers that they come from. */
export function serversOfGiven(given: readonly GivenTape[]): readonly TapeServer[] {
  return given.map(({ label, tape }) => ({ label, serverVersion: tape.manifest.serverVersion }));
}

/** The tapes that a run captures on an image, whose server is asked for its version. */
export async function serversOfCaptures(
  { major, recipe }: ComputeImage,
  plans: readonly CapturePlan[],
  progress: Progress,
): Promise<readonly TapeServer[]> {
  const root = await ensureRoot(recipe, progress);
  await using host = await openChrootHost(root.name, root.path, progress);
  const { version } = await findServerProgram(host, major);
  return plans.map(({ label }) => ({ label, serverVersion: version }));
}
