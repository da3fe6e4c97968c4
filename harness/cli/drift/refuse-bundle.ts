import { existsSync } from 'node:fs';

import { openBundle } from '../../bundle/open.ts';
import { RedoubtError } from '../../error.ts';
import { isComposition } from '../../host/composition/composition-recipe.ts';
import type { Progress } from '../../host/progress.ts';

/** A bundle's libraries lie in no root that another server could be laid on. Throws `proof-of-bundle` (usage). */
export async function refuseBundle(environment: string, progress: Progress): Promise<void> {
  if (isComposition(environment) || !existsSync(environment)) return;
  const bundle = await openBundle(environment, progress).catch((error: unknown) => {
    if (error instanceof RedoubtError && error.kind === 'usage') return undefined;
    throw error;
  });
  if (bundle === undefined) return;
  throw new RedoubtError(
    'usage',
    'proof-of-bundle',
    `the bundle ${environment} is no root in which a server could write or read a data directory`,
    {
      remedy:
        'Prove with the roots that its libraries are from: debian:12, or pg=npm:17,libc=debian:12,icu=debian:13.',
      details: { environment },
    },
  );
}
