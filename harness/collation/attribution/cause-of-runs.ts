import type { AttributedCause, AttributionRun, LocaleAttribution } from './attribution.ts';
import { isSwap, type SwappedPart, swappedParts } from './swap.ts';

const causes: Readonly<Record<SwappedPart, AttributedCause>> = {
  libc: 'libc',
  locales: 'locale-data',
  icu: 'libicu',
  icudata: 'libicu-data',
  server: 'server-minor',
};

const libraries: Readonly<Record<SwappedPart, NonNullable<LocaleAttribution['library']>>> = {
  libc: 'libc',
  locales: 'libc',
  icu: 'libicu',
  icudata: 'libicu',
  server: 'server',
};

/** Marks which side's answers each run gave: those of the sides as they are are the measure. */
export function likened(runs: readonly Omit<AttributionRun, 'like'>[]): readonly AttributionRun[] {
  return runs.map((run) => {
    const [from, to] = (['from', 'to'] as const).map(
      (side) => runs.find((each) => each.asked === run.asked && isSwap(each, side, []))?.seen?.join() ?? '',
    );
    if (run.seen === null) return { ...run, like: null };
    const seen = run.seen.join();
    return { ...run, like: seen === from ? 'from' : seen === to ? 'to' : 'neither' };
  });
}

/**
 * The part to blame: exchanged alone it turns one side's answers into the other's, in both directions, or in the only one that
 * could be tried. Server and libraries must agree wherever both were asked; where they do not, nothing is blamed.
 */
export function causeOfRuns(
  runs: readonly AttributionRun[],
): Pick<LocaleAttribution, 'cause' | 'library' | 'parts'> {
  const unknown = { cause: 'unknown', library: null, parts: [] } as const;
  if (disagree(runs)) return unknown;
  const tried = [...new Map(runs.map(({ parts }) => [parts.join(' '), parts])).values()].filter(
    (parts) => parts.length > 0,
  );
  const guilty = tried
    .map((parts) => ({ parts, directions: directionsOf(runs, parts) }))
    .filter(({ directions }) => directions > 0)
    .toSorted((one, other) => one.parts.length - other.parts.length || other.directions - one.directions);
  const [first, second] = guilty;
  if (first === undefined) return unknown;
  // Two that both seem to do it alone, and only one of them could be tried both ways, or neither: nothing is proved.
  const isTie =
    second !== undefined &&
    second.parts.length === first.parts.length &&
    second.directions === first.directions;
  if (isTie) return unknown;
  const [part] = first.parts;
  if (part === undefined) return unknown;
  const owners = [...new Set(first.parts.map((each) => libraries[each]))];
  return {
    cause: first.parts.length === 1 ? causes[part] : 'combination',
    library: owners.length === 1 ? (owners[0] ?? null) : null,
    parts: first.parts,
  };
}

/** What could not be exchanged, each part once with its first reason. */
export function notSwapped(runs: readonly AttributionRun[]): LocaleAttribution['notSwapped'] {
  return swappedParts.flatMap((part) => {
    const why = runs.find(({ parts, refused }) => refused !== null && parts.includes(part))?.refused;
    return why == null ? [] : [{ part, why }];
  });
}

/** In how many directions the exchange was seen to do it; 0 as soon as one shows the contrary. */
function directionsOf(runs: readonly AttributionRun[], parts: readonly SwappedPart[]): number {
  let directions = 0;
  for (const [base, other] of [
    ['from', 'to'],
    ['to', 'from'],
  ] as const) {
    const own = runs.filter((run) => isSwap(run, base, parts) && run.seen !== null);
    if (own.some(({ like }) => like !== other)) return 0;
    if (own.length > 0) directions += 1;
  }
  return directions;
}

function disagree(runs: readonly AttributionRun[]): boolean {
  return runs.some(
    (run) =>
      run.asked === 'server' &&
      run.seen !== null &&
      runs.some(
        (other) =>
          other.asked === 'libraries' &&
          other.seen !== null &&
          isSwap(other, run.base, run.parts) &&
          other.seen.join() !== run.seen?.join(),
      ),
  );
}
