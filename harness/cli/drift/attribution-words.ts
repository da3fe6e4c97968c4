import type {
  AttributedCause,
  AttributionRun,
  LocaleAttribution,
} from '../../collation/attribution/attribution.ts';
import type { SwappedPart } from '../../collation/attribution/swap.ts';
import type { ExampleString } from '../../collation/example-string.ts';
import type { LocaleDrift } from '../../collation/locale-drift.ts';
import type { Palette } from '../../report/console-view.ts';
import { table } from '../table.ts';

const shownNames = 6;

const partWords: Readonly<Record<SwappedPart, string>> = {
  libc: "libc's code",
  locales: "libc's locale data",
  icu: "libicu's code",
  icudata: "libicu's data",
  server: "the server's minor",
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
  'server-minor': "the server's minor",
};

/** Which part is to blame for what changes, and the runs that show it; locales of which the same is to be said together. */
export function attributionLines(
  attributions: ReadonlyMap<LocaleDrift, LocaleAttribution>,
  palette: Palette,
): readonly string[] {
  const groups = Map.groupBy([...attributions], ([drift, attribution]) => signature(drift, attribution));
  return ['', ...[...groups.values()].flatMap((group) => groupLines(group, palette))];
}

function signature({ provider }: LocaleDrift, { cause, parts, runs }: LocaleAttribution): string {
  return [provider, cause, parts.join(), ...runs.map(({ like }) => like)].join('|');
}

function groupLines(
  group: readonly (readonly [LocaleDrift, LocaleAttribution])[],
  palette: Palette,
): readonly string[] {
  const [first] = group;
  if (first === undefined) return [];
  const [drift, attribution] = first;
  const names = group.map(([{ locale }]) => locale);
  const more = names.length - shownNames;
  const listed = `${names.slice(0, shownNames).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
  const pairs = attribution.pairs.map(({ left, right }) => `${shown(left)} ? ${shown(right)}`).join('   ');
  return [
    `cause    ${drift.provider} ${palette.strong(listed)}: ${causeOf(attribution)}`,
    `    asked${names.length > 1 ? ` of ${drift.locale}` : ''}: ${pairs}`,
    ...table(
      ['    exchanged', 'libraries', 'server', 'environment'],
      telling(attribution).map(([swap, ...others]) => row(swap, others)),
    ),
    ...innocent(attribution),
    ...attribution.notSwapped.map(({ part, why }) => `    not exchanged: ${partWords[part]}: ${why}`),
  ];
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
function telling({ runs }: LocaleAttribution): readonly Swaps[] {
  const byEnvironment = Map.groupBy(runs, ({ base, parts }) => `${base} ${parts.join(' ')}`);
  const groups = [...byEnvironment.values()] as unknown as readonly Swaps[];
  return groups.filter(
    (group) => group[0].parts.length === 0 || group.some(({ base, like }) => like !== base),
  );
}

/** What changes nothing, in whichever direction it was exchanged. */
function innocent({ runs }: LocaleAttribution): readonly string[] {
  const byParts = Map.groupBy(
    runs.filter(({ parts }) => parts.length > 0),
    ({ parts }) => parts.join(' '),
  );
  const idle = [...byParts.values()].flatMap((own) =>
    own.every(({ base, like }) => like === base) ? [exchanged(own[0]?.parts ?? [])] : [],
  );
  return idle.length === 0 ? [] : [`    exchanged without effect: ${idle.join(', ')}`];
}

/** A library as a whole, or its one part. */
function exchanged(parts: readonly SwappedPart[]): string {
  const [first] = parts;
  if (parts.length > 1 && first !== undefined) return wholeWords[first] ?? parts.join(' and ');
  return parts.map((part) => partWords[part]).join('');
}

function row(run: AttributionRun, others: readonly AttributionRun[]): readonly string[] {
  const { base, parts, environment } = run;
  const what = parts.length === 0 ? `nothing (${base})` : `${exchanged(parts)} into ${base}`;
  const seen = (asked: AttributionRun['asked']): string => {
    const found = [run, ...others].find((each) => each.asked === asked);
    return found === undefined ? '' : (found.seen?.join(' ') ?? 'refused');
  };
  return [`    ${what}`, seen('libraries'), seen('server'), environment];
}

/** Control characters and lone marks would spoil the line. */
function shown({ text, codePoints }: ExampleString): string {
  return /[\p{C}\p{Zl}\p{Zp}]|^\p{M}/u.test(text) ? codePoints.join(' ') : `"${text}"`;
}
