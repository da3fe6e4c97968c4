import type {
  AttributedCause,
  AttributionRun,
  LocaleAttribution,
} from '../../collation/attribution/attribution.ts';
import type { SwappedPart } from '../../collation/attribution/swap.ts';
import type { LocaleDrift } from '../../collation/locale-drift.ts';
import type { CauseView } from '../../report/html/drift-html.ts';

const partWords: Readonly<Record<SwappedPart, string>> = {
  libc: "libc's code",
  locales: "libc's locale data",
  icu: "libicu's code",
  icudata: "libicu's data",
  server: 'the server',
};

const wholeWords: Readonly<Partial<Record<SwappedPart, string>>> = {
  libc: 'libc with its locale data',
  icu: 'libicu with its data',
};

const causeWords: Readonly<Record<Exclude<AttributedCause, 'combination' | 'unknown'>, string>> = {
  libc: 'libc: its code, not its locale data',
  'locale-data': 'libc: its locale data, not its code',
  libicu: 'libicu: its code, not its data',
  'libicu-data': 'libicu: its data, not its code',
  'server-minor': 'the server itself, not its libraries',
  none: 'nothing: both sides answer the same, whatever is exchanged',
};

/** Which part is to blame for what changes, and the runs that show it; locales of which the same is to be said together. */
export function causeViews(attributions: ReadonlyMap<LocaleDrift, LocaleAttribution>): readonly CauseView[] {
  const groups = Map.groupBy([...attributions], ([drift, attribution]) => signature(drift, attribution));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const [{ provider }, attribution] = first;
    return [
      {
        provider,
        locales: group.map(([{ locale }]) => locale),
        cause: causeOf(attribution),
        pairs: attribution.pairs,
        characters: attribution.characters.map(({ what, ...character }) => ({ what, character })),
        runs: telling(attribution).map(rowOf),
        idle: attribution.cause === 'none' ? [] : idle(attribution),
        notExchanged: attribution.notSwapped.map(({ part, why }) => ({ part: partWords[part], why })),
      },
    ];
  });
}

function signature({ provider }: LocaleDrift, { cause, parts, runs }: LocaleAttribution): string {
  return [provider, cause, parts.join(), ...runs.map(({ like }) => like)].join('|');
}

function causeOf({ cause, parts, runs }: LocaleAttribution): string {
  if (cause === 'combination')
    return `${parts.map((part) => partWords[part]).join(' and ')} together, neither alone`;
  if (cause !== 'unknown') return causeWords[cause];
  return runs.some(({ refused }) => refused !== null)
    ? 'unknown: not every part could be exchanged'
    : 'unknown: no exchange of one part, or of two of one library, turns one order into the other';
}

type Swaps = readonly [AttributionRun, ...AttributionRun[]];

/** The runs that show it, those of the same environment together: both sides as they are, and whatever made a difference. */
function telling({ cause, runs }: LocaleAttribution): readonly Swaps[] {
  const byEnvironment = Map.groupBy(runs, ({ base, parts }) => `${base} ${parts.join(' ')}`);
  const groups = [...byEnvironment.values()] as unknown as readonly Swaps[];
  return groups.filter(
    (group) =>
      cause === 'none' || group[0].parts.length === 0 || group.some(({ base, like }) => like !== base),
  );
}

/** What changes nothing, in whichever direction it was exchanged. */
function idle({ runs }: LocaleAttribution): readonly string[] {
  const byParts = Map.groupBy(
    runs.filter(({ parts }) => parts.length > 0),
    ({ parts }) => parts.join(' '),
  );
  return [...byParts.values()].flatMap((own) =>
    own.every(({ base, like }) => like === base) ? [exchanged(own[0]?.parts ?? [])] : [],
  );
}

/** A library as a whole, or its one part. */
function exchanged(parts: readonly SwappedPart[]): string {
  const [first] = parts;
  if (parts.length > 1 && first !== undefined) return wholeWords[first] ?? parts.join(' and ');
  return parts.map((part) => partWords[part]).join('');
}

function rowOf([run, ...others]: Swaps): CauseView['runs'][number] {
  const { base, parts, environment } = run;
  const seen = (asked: AttributionRun['asked']): string => {
    const found = [run, ...others].find((each) => each.asked === asked);
    return found === undefined ? '' : (found.seen?.join(' ') ?? 'refused');
  };
  return {
    exchanged: parts.length === 0 ? `nothing (${base})` : `${exchanged(parts)} into ${base}`,
    libraries: seen('libraries'),
    server: seen('server'),
    environment,
  };
}
