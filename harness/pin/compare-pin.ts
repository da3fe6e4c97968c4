import type { PinFindingCode } from '../verdict/finding-code.ts';
import type { BundleLock, PinnedLibrary, PinnedMajor } from './bundle-lock.ts';
import { initdbChanges } from './initdb-changes.ts';
import { localeChanges } from './locale-changes.ts';
import { type OrderEvidence, orderVerdict } from './order-words.ts';

/** What is to be said of one thing in the bundle, held against the pinned one. */
export interface PinStatement {
  readonly subject: 'libicu' | 'libc' | 'locales' | 'initdb' | 'format' | 'server' | 'libraries';
  readonly isSame: boolean;
  /** Why the gate refuses it without a reviewer; undefined for what is told only. */
  readonly code: PinFindingCode | undefined;
  readonly words: string;
  /** The same without evidence, to stand beside others. */
  readonly short: string;
  /** Everything that `words` has no room for. */
  readonly details: readonly string[];
}

/** One side of the comparison. */
export interface PinSide {
  readonly major: PinnedMajor;
  readonly localeSets: BundleLock['localeSets'];
}

/** Whether the libraries by which strings are ordered are other files, so that order has to be asked for. */
export function needsOrder(pinned: PinnedMajor, candidate: Omit<PinnedMajor, 'initdb' | 'order'>): boolean {
  return (
    pinned.libicu?.sha256 !== candidate.libicu?.sha256 ||
    pinned.libc?.sha256 !== candidate.libc?.sha256 ||
    pinned.locales !== candidate.locales
  );
}

/** Everything in which a major of the candidate may differ from the pinned one, the weightiest first. */
export function comparePin(
  pinned: PinSide,
  candidate: PinSide,
  evidence: OrderEvidence | undefined,
): readonly PinStatement[] {
  const [from, to] = [pinned.major, candidate.major];
  return [
    ...libicuStatement(from, to, evidence),
    ...libcStatement(pinned, candidate, evidence),
    ...localeStatement(pinned, candidate),
    ...initdbStatement(from, to),
    ...formatStatement(from, to),
    serverStatement(from, to),
    ...libraryStatement(from, to),
  ];
}

function libicuStatement(
  { libicu: from, collversions: before }: PinnedMajor,
  { libicu: to, collversions: after }: PinnedMajor,
  evidence: OrderEvidence | undefined,
): readonly PinStatement[] {
  if (from === null && to === null) return linkedIcuStatement(before.icuRoot, after.icuRoot);
  if (from?.sha256 === to?.sha256) return [same('libicu', `libicu ${versionOf(to)}`)];
  const short = libraryStep('libicu', from, to);
  const verdict = evidence === undefined ? undefined : orderVerdict('icu', evidence);
  const isRebuilt = from?.version === to?.version && verdict?.order === 'same';
  return [
    {
      subject: 'libicu',
      isSame: false,
      code: isRebuilt ? undefined : 'pin-libicu-changed',
      words: `${short}: ${verdict?.words ?? 'its order was not asked for'}`,
      short,
      details: verdict?.examples ?? [],
    },
  ];
}

/** A libicu inside a static server is no file of its own: its data tells the version that PostgreSQL records. */
function linkedIcuStatement(from: string | null, to: string | null): readonly PinStatement[] {
  if (from === to) return [];
  const short = `libicu inside the server, collversion ${said(from)} to ${said(to)}`;
  return [
    {
      subject: 'libicu',
      isSame: false,
      code: 'pin-libicu-changed',
      words: `${short}: its order was not asked for`,
      short,
      details: [],
    },
  ];
}

function libcStatement(
  { major: { libc: from, locales: fromLocales } }: PinSide,
  { major: { libc: to, locales: toLocales } }: PinSide,
  evidence: OrderEvidence | undefined,
): readonly PinStatement[] {
  if (from === null && to === null) return [];
  if (from?.sha256 === to?.sha256) return [same('libc', `libc ${versionOf(to)}`)];
  const short = libraryStep('libc', from, to);
  const verdict = evidence === undefined ? undefined : orderVerdict('libc', evidence);
  // One release with the same data orders alike; what is new in it are repairs elsewhere.
  const isRebuilt =
    from?.version === to?.version && fromLocales === toLocales && verdict?.order !== 'changed';
  const words = isRebuilt
    ? 'the data of all locales is the same byte for byte'
    : (verdict?.words ?? 'its order was not asked for');
  return [
    {
      subject: 'libc',
      isSame: false,
      code: isRebuilt ? undefined : 'pin-libc-changed',
      words: `${short}: ${words}`,
      short,
      details: verdict?.examples ?? [],
    },
  ];
}

function localeStatement(pinned: PinSide, candidate: PinSide): readonly PinStatement[] {
  const [from, to] = [pinned.major.locales, candidate.major.locales];
  if (from === null && to === null) return [];
  const changes = localeChanges(
    from === null ? {} : (pinned.localeSets[from] ?? {}),
    to === null ? {} : (candidate.localeSets[to] ?? {}),
  );
  if (changes.words === undefined) return [same('locales', `the data of ${String(changes.count)} locales`)];
  return [
    {
      subject: 'locales',
      isSame: false,
      code: changes.isHarmless ? undefined : 'pin-locales-changed',
      words: `locale data: ${changes.words}`,
      short: 'locale data changes',
      details: changes.details,
    },
  ];
}

function initdbStatement(from: PinnedMajor, to: PinnedMajor): readonly PinStatement[] {
  // What a bundle that leans on its host makes on another host is no change of the bundle's.
  if (from.initdb === null || to.initdb === null || from.initdb.host !== to.initdb.host) return [];
  const { words, isExplained } = initdbChanges(from.initdb, to.initdb);
  if (words === undefined) return [same('initdb', 'what initdb makes')];
  const isOfServer = from.server.version !== to.server.version;
  const code = isExplained || isOfServer ? undefined : ('pin-initdb-changed' as const);
  const sentence = `initdb differs in ${words}`;
  return [{ subject: 'initdb', isSame: false, code, words: sentence, short: sentence, details: [] }];
}

function formatStatement(from: PinnedMajor, to: PinnedMajor): readonly PinStatement[] {
  const changes = [
    ...(from.server.catalogVersion === to.server.catalogVersion
      ? []
      : [`catalog version ${said(from.server.catalogVersion)} to ${said(to.server.catalogVersion)}`]),
    ...(from.server.sizes === to.server.sizes
      ? []
      : [`sizes of block, segment and WAL block ${said(from.server.sizes)} to ${said(to.server.sizes)}`]),
  ];
  if (changes.length === 0) return [];
  const words = `format of the data: ${changes.join(', ')}`;
  return [{ subject: 'format', isSame: false, code: 'pin-format-changed', words, short: words, details: [] }];
}

function serverStatement({ server: from }: PinnedMajor, { server: to }: PinnedMajor): PinStatement {
  if (from.sha256 === to.sha256) return same('server', `server ${to.version}`);
  const words =
    from.version === to.version ? `server ${to.version} rebuilt` : `server ${from.version} to ${to.version}`;
  return { subject: 'server', isSame: false, code: undefined, words, short: words, details: [] };
}

const shownLibraries = 4;

/** Libraries that neither order strings nor are libc, which have statements of their own. */
function libraryStatement(
  { libraries: from }: PinnedMajor,
  { libraries: to }: PinnedMajor,
): readonly PinStatement[] {
  const sonames = [...new Set([...Object.keys(from), ...Object.keys(to)])].filter(
    (soname) => !/^(?:libicu|libc\.so)/.test(soname),
  );
  const changes = sonames
    .filter((soname) => from[soname]?.sha256 !== to[soname]?.sha256)
    .map((soname) => {
      const [before, after] = [from[soname], to[soname]];
      if (before === undefined) return `${soname} ${versionOf(after ?? null)} new`;
      if (after === undefined) return `${soname} ${versionOf(before)} gone`;
      return libraryStep(soname, before, after);
    });
  if (changes.length === 0) return [same('libraries', 'other libraries')];
  const more = changes.length - shownLibraries;
  const words = `other libraries: ${changes.slice(0, shownLibraries).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
  return [{ subject: 'libraries', isSame: false, code: undefined, words, short: words, details: changes }];
}

function libraryStep(name: string, from: PinnedLibrary | null, to: PinnedLibrary | null): string {
  if (from?.version !== to?.version) return `${name} ${versionOf(from)} to ${versionOf(to)}`;
  const packages =
    from?.package === to?.package ? '' : ` (${from?.package ?? 'unknown'} to ${to?.package ?? 'unknown'})`;
  return `${name} ${versionOf(to)} rebuilt${packages}`;
}

function versionOf(library: PinnedLibrary | null): string {
  return library === null ? 'none of its own' : (library.version ?? 'of unknown version');
}

function said(value: number | string | null): string {
  return value === null ? 'unknown' : String(value);
}

function same(subject: PinStatement['subject'], what: string): PinStatement {
  const words = `${what} the same`;
  return { subject, isSame: true, code: undefined, words, short: words, details: [] };
}
