import { RedoubtError } from '../../error.ts';
import { openChrootHost } from '../../host/chroot/chroot-host.ts';
import { composedImage, isComposition, parseComposition } from '../../host/composition/composition-recipe.ts';
import type { ComputeImage } from '../../host/compute-images.ts';
import type { Progress } from '../../host/progress.ts';
import { ensureRoot } from '../../host/root.ts';
import type { ProofSide } from '../../readback/proof/proof-cluster.ts';

/** The server with which a drift is proved unless another one is named: it runs on every libc and on every libicu. */
export const proofServer = 'npm:17';

/** From it on a database has a locale of ICU, and a version of its collation. */
const oldestMajor = 15;

/**
 * A side of a proof: one server on the libc and the locales of an environment, and, where ICU is in question, on its libicu.
 * The host is put on the stack. Throws `usage` or `infrastructure` when these cannot be put together.
 */
export async function openProofSide(
  environment: string,
  { server, withIcu }: { readonly server: string; readonly withIcu: boolean },
  stack: AsyncDisposableStack,
  progress: Progress,
): Promise<ProofSide> {
  const image = await sideImage(environment, server, withIcu, progress);
  if (image.major < oldestMajor)
    throw new RedoubtError(
      'usage',
      'proof-server-too-old',
      `${server} has no locale provider for a database: a proof needs PostgreSQL ${String(oldestMajor)} or newer`,
      { remedy: `Name another server, or leave it out: ${proofServer} is taken.`, details: { server } },
    );
  const root = await ensureRoot(image.recipe, progress);
  const host = stack.use(await openChrootHost(image.name, root.path, progress));
  return { name: environment, host, major: image.major };
}

async function sideImage(
  environment: string,
  server: string,
  withIcu: boolean,
  progress: Progress,
): Promise<ComputeImage> {
  const { pg, libc, locales, icu } = isComposition(environment)
    ? parseComposition(environment)
    : { pg: environment, libc: undefined, locales: undefined, icu: undefined };
  const own = pg ?? server;
  const parts = [
    `libc=${libc ?? own}`,
    ...(locales === undefined ? [] : [`locales=${locales}`]),
    ...(withIcu ? [`icu=${icu ?? own}`] : []),
  ];
  return composedImage([`pg=${server}`, ...parts].join(','), progress);
}
