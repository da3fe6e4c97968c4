/** What can be exchanged between two environments by itself. */
export type SwappedPart = 'libc' | 'locales' | 'icu' | 'icudata' | 'server';

/** In the order in which they are tried. */
export const swappedParts: readonly SwappedPart[] = ['libc', 'locales', 'icu', 'icudata', 'server'];

/** Where each part of an environment comes from, by a name that a composition takes; null where there is none. */
export type EnvironmentParts = Readonly<Record<SwappedPart, string | null>>;

/** One side, with some parts of the other one. */
export interface Swap {
  readonly base: 'from' | 'to';
  /** None: that side as it is. */
  readonly parts: readonly SwappedPart[];
  /** The composition, as it can be asked for again: `pg=npm:17,libc=debian:12,icu=debian:13`. */
  readonly environment: string;
}

export interface SwapSides {
  readonly from: EnvironmentParts;
  readonly to: EnvironmentParts;
}

/** The parts that both sides have, and that do not come from the same place. */
export function differingParts({ from, to }: SwapSides): readonly SwappedPart[] {
  return swappedParts.filter((part) => from[part] !== null && to[part] !== null && from[part] !== to[part]);
}

/** The parts that a library consists of, and which may do together what neither does alone. */
const libraryParts: Readonly<Record<'libc' | 'icu', readonly SwappedPart[]>> = {
  libc: ['libc', 'locales'],
  icu: ['icu', 'icudata'],
};

/**
 * Both sides as they are; each with each library of the other one as a whole, and with each part of it where the library is
 * in question; each with the other's server.
 */
export function planSwaps(sides: SwapSides, inQuestion: ReadonlySet<'libc' | 'icu'>): readonly Swap[] {
  const differing = differingParts(sides);
  const tried = (['libc', 'icu'] as const).flatMap((library) => {
    const parts = libraryParts[library].filter((part) => differing.includes(part));
    const singles = inQuestion.has(library) ? parts.map((part) => [part]) : [];
    return [...singles, ...(parts.length > 1 || !inQuestion.has(library) ? [parts] : [])];
  });
  if (differing.includes('server')) tried.push(['server']);
  return [[], ...tried.filter((parts) => parts.length > 0)].flatMap((parts) => bothWays(sides, parts));
}

/** The whole library to which parts belong, as far as the sides differ in it. */
export function wholeOf(sides: SwapSides, parts: readonly SwappedPart[]): readonly SwappedPart[] {
  const differing = differingParts(sides);
  const whole = Object.values(libraryParts).find((each) => parts.some((part) => each.includes(part)));
  return whole?.filter((part) => differing.includes(part)) ?? parts;
}

function bothWays(sides: SwapSides, parts: readonly SwappedPart[]): readonly Swap[] {
  return [swapOf(sides, 'from', parts), swapOf(sides, 'to', parts)];
}

/** Whether two swaps are of the same parts into the same side. */
export function isSwap(swap: Swap, base: Swap['base'], parts: readonly SwappedPart[]): boolean {
  return swap.base === base && swap.parts.join(' ') === parts.join(' ');
}

function swapOf(sides: SwapSides, base: Swap['base'], parts: readonly SwappedPart[]): Swap {
  const other = base === 'from' ? sides.to : sides.from;
  const taken = { ...sides[base] };
  for (const part of parts) taken[part] = other[part];
  return { base, parts, environment: compositionWords(taken) };
}

/** Locales go with libc, and data with libicu, unless they come from elsewhere. */
function compositionWords({ server, libc, locales, icu, icudata }: EnvironmentParts): string {
  return [
    ...(server === null ? [] : [`pg=${server}`]),
    ...(libc === null ? [] : [`libc=${libc}`]),
    ...(locales === null || locales === libc ? [] : [`locales=${locales}`]),
    ...(icu === null ? [] : [`icu=${icu}`]),
    ...(icudata === null || icudata === icu ? [] : [`icudata=${icudata}`]),
  ].join(',');
}
