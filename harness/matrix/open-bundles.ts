import { openBundle, type Bundle } from '../bundle/open.ts';
import { ensureReferenceBundle } from '../bundle/reference/ensure.ts';
import { RedoubtError } from '../error.ts';
import { bundleServers } from '../gate/inputs/bundle-servers.ts';
import { referenceBundleMajors } from '../gate/inputs/compute-image.ts';
import type { Host } from '../host/engine.ts';
import type { Progress } from '../host/progress.ts';
import type { MatrixOptions } from './matrix-options.ts';
import type { MatrixBundle } from './matrix-plan.ts';

/** A bundle of a matrix and where it lies. */
export interface PlacedBundle extends MatrixBundle {
  readonly path: string;
  readonly layout: Bundle['layout'];
}

/**
 * Opens the bundles, or makes the reference bundle, and finds which majors of each are judged: those asked for, else those
 * of which there is a compute image. Throws `bundle-lacks-major`, `no-major` (usage), and what opening throws.
 */
export async function openBundles(
  { candidates, gate, images }: MatrixOptions,
  host: Host,
  progress: Progress,
): Promise<readonly PlacedBundle[]> {
  const named =
    candidates.length > 0
      ? candidates
      : [
          {
            name: 'reference',
            path: (await ensureReferenceBundle(progress, referenceBundleMajors(gate.majors))).path,
          },
        ];
  const offered = [...new Set(images.map(({ major }) => major))];
  const placed: PlacedBundle[] = [];
  for (const { name, path } of named) {
    const bundle = await openBundle(path, progress);
    const has = [...(await bundleServers(bundle, [host])).keys()];
    placed.push({
      name,
      path,
      digest: bundle.digest,
      layout: bundle.layout,
      majors: chooseMajors(bundle, has, offered, gate.majors),
    });
  }
  return placed;
}

function chooseMajors(
  { source }: Bundle,
  has: readonly number[],
  offered: readonly number[],
  asked: readonly number[] | undefined,
): readonly number[] {
  const missing = (asked ?? []).filter((major) => !has.includes(major));
  if (missing.length > 0) {
    throw new RedoubtError(
      'usage',
      'bundle-lacks-major',
      `the candidate ${source} has no PostgreSQL ${missing.join(', ')}, only ${has.join(', ')}`,
      { remedy: 'Name other majors with --pg, or another bundle.' },
    );
  }
  const majors = (asked ?? has).filter((major) => offered.includes(major));
  if (majors.length > 0) return majors.toSorted((left, right) => left - right);
  throw new RedoubtError(
    'usage',
    'no-major',
    `${source} has PostgreSQL ${has.join(', ') || 'none that starts'}; there are compute images only of ${offered.join(', ')}`,
    { remedy: 'Name a bundle with one of these majors, or other compute images.' },
  );
}
