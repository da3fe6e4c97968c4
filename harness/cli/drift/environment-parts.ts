import type { EnvironmentParts, SwapSides } from '../../collation/attribution/swap.ts';
import { RedoubtError } from '../../error.ts';
import { isComposition, parseComposition } from '../../host/composition/composition-recipe.ts';
import { computeImage, computeImages } from '../../host/compute-images.ts';
import { hostNames } from '../../host/debian/recipes.ts';
import { openBundle } from '../../bundle/open.ts';
import type { Progress } from '../../host/progress.ts';

/** The server that stands in for both sides where their own cannot be exchanged: it runs on every libc and libicu. */
const standIn = 'npm:17';

/**
 * Where the parts of two environments come from, so that they can be exchanged. The servers are their own where both are
 * npm's and of one major, or the same one on the same libc; else one of npm's stands in for both. Throws `no-parts` (usage)
 * for a bundle, whose libraries belong to no root.
 */
export async function swapSides(from: string, to: string, progress: Progress): Promise<SwapSides> {
  const sides = {
    from: await environmentParts(from, progress),
    to: await environmentParts(to, progress),
  };
  if (keepServers(sides)) return sides;
  const own = [sides.from.server, sides.to.server].find((name) => name?.startsWith('npm:') === true);
  const server = own ?? computeImage(standIn).name;
  return { from: { ...sides.from, server }, to: { ...sides.to, server } };
}

function keepServers({ from, to }: SwapSides): boolean {
  if (from.server === null || to.server === null) return false;
  const areOfNpm = [from.server, to.server].every((name) => name.startsWith('npm:'));
  if (areOfNpm) return computeImage(from.server).major === computeImage(to.server).major;
  return from.server === to.server && from.libc === to.libc;
}

async function environmentParts(name: string, progress: Progress): Promise<EnvironmentParts> {
  if (isComposition(name)) {
    const { pg, libc, locales, icu, icudata } = parseComposition(name);
    const own = partsOfImage(computeImage(pg ?? standIn).name);
    return {
      server: own.server,
      libc: libc ?? own.libc,
      locales: locales ?? libc ?? own.locales,
      icu: icu ?? own.icu,
      icudata: icudata ?? icu ?? own.icudata,
    };
  }
  const isImage = name.startsWith('npm:') || computeImages().some((image) => image.name === name);
  if (isImage) return partsOfImage(computeImage(name).name);
  if (!hostNames().includes(name)) await requireNoBundle(name, progress);
  return { server: null, libc: name, locales: name, icu: name, icudata: name };
}

function partsOfImage(name: string): EnvironmentParts {
  const { recipe } = computeImage(name);
  const libc = recipe.kind === 'npm-server' ? recipe.base.name : name;
  return { server: name, libc, locales: libc, icu: name, icudata: name };
}

async function requireNoBundle(name: string, progress: Progress): Promise<void> {
  const bundle = await openBundle(name, progress).catch((error: unknown) => {
    if (error instanceof RedoubtError && error.kind === 'usage') return undefined;
    throw error;
  });
  if (bundle === undefined) return;
  throw new RedoubtError(
    'usage',
    'no-parts',
    `--attribute: ${name} is a bundle, and a server cannot be given single libraries of it`,
    {
      remedy:
        'Name the roots that its libraries come from, as redoubt inspect tells them: pg=npm:17,libc=debian:12,icu=debian:13.',
      details: { name },
    },
  );
}
