import type { EnvironmentParts, SwapSides } from '../../collation/attribution/swap.ts';
import { ownServer } from '../../collation/builtin/own-server.ts';
import type { CollationEnvironment } from '../../collation/environment.ts';
import { isComposition, parseComposition, serverName } from '../../host/composition/composition-recipe.ts';
import { computeImage, namedComputeImage } from '../../host/compute-images.ts';
import type { Progress } from '../../host/progress.ts';
import { majorOfBundles } from './bundle-major.ts';

/** The server that stands in for both sides where their own cannot be exchanged: it runs on every libc and libicu. */
const standIn = 'npm:17';

/** The environments of a drift, by the names that were given. */
export interface AskedSides {
  readonly from: CollationEnvironment;
  readonly to: CollationEnvironment;
  /** Whose libraries of a bundle; undefined for its newest. */
  readonly major: number | undefined;
}

/**
 * Where the parts of two environments come from, so that they can be exchanged. The servers are their own where both are
 * npm's and of one major, or the same one on the same libc; else one of npm's stands in for both, of the major whose libraries
 * a bundle among them was asked for. Throws `two-majors` (usage).
 */
export async function swapSides(asked: AskedSides, progress: Progress): Promise<SwapSides> {
  const names = [asked.from.name, asked.to.name];
  const major = await majorOfBundles(
    names.filter((name) => !isComposition(name)),
    asked.major,
    progress,
  );
  const sides = { from: await environmentParts(asked.from), to: await environmentParts(asked.to) };
  if (keepServers(sides)) return sides;
  const own = [sides.from.server, sides.to.server].find(
    (name) =>
      name?.startsWith('npm:') === true && (major ?? computeImage(name).major) === computeImage(name).major,
  );
  const server = own ?? computeImage(major === undefined ? standIn : `npm:${String(major)}`).name;
  return { from: { ...sides.from, server }, to: { ...sides.to, server } };
}

function keepServers({ from, to }: SwapSides): boolean {
  if (from.server === null || to.server === null) return false;
  const areOfNpm = [from.server, to.server].every((name) => name.startsWith('npm:'));
  if (areOfNpm) return computeImage(from.server).major === computeImage(to.server).major;
  return from.server === to.server && from.libc === to.libc;
}

/**
 * Where the parts come from with each side's own server, of whatever major: what is asked of servers alone is asked of these.
 * Undefined where a side has none.
 */
export async function ownServerSides({
  from,
  to,
}: Pick<AskedSides, 'from' | 'to'>): Promise<SwapSides | undefined> {
  const sides = { from: await environmentParts(from), to: await environmentParts(to) };
  return sides.from.server === null || sides.to.server === null ? undefined : sides;
}

async function environmentParts(environment: CollationEnvironment): Promise<EnvironmentParts> {
  const { name, icu: ownIcu } = environment;
  if (isComposition(name)) {
    const { pg, libc, locales, icu, icudata } = parseComposition(name);
    const own = partsOfServer(serverName(pg ?? standIn));
    return {
      server: own.server,
      libc: libc ?? own.libc,
      locales: locales ?? libc ?? own.locales,
      icu: icu ?? own.icu,
      icudata: icudata ?? icu ?? own.icudata,
    };
  }
  const image = namedComputeImage(name);
  if (image !== undefined) return partsOfServer(image.name);
  if ((await ownServer(environment)) !== undefined) return partsOfServer(name);
  const icu = ownIcu === undefined ? null : name;
  return { server: null, libc: name, locales: name, icu, icudata: icu };
}

/** npm's servers have no libc of their own, and every other one has. */
function partsOfServer(name: string): EnvironmentParts {
  const recipe = name.startsWith('npm:') ? computeImage(name).recipe : undefined;
  const libc = recipe?.kind === 'npm-server' ? recipe.base.name : name;
  return { server: name, libc, locales: libc, icu: name, icudata: name };
}
