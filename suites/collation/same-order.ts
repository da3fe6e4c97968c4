import { environmentDigests } from '../../harness/collation/environment-digests.ts';
import type { CollationEnvironment } from '../../harness/collation/environment.ts';
import type { LocaleInUse } from '../../harness/collation/locale-in-use.ts';
import type { LibraryProvider } from '../../harness/collation/probe.ts';
import { RedoubtError } from '../../harness/error.ts';
import { candidateEnvironment, computeEnvironment } from '../../harness/gate/order/collation-environments.ts';
import {
  libraryDrift,
  type LibraryDrift,
  type MissingLocale,
} from '../../harness/gate/order/library-drift.ts';
import { localesOfWorkloads } from '../../harness/gate/order/locales-of-workloads.ts';
import { staticDrift } from '../../harness/gate/order/static-drift.ts';
import { StaticServer } from '../../harness/gate/order/static-server.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { share } from '../../harness/gate/shared-work.ts';
import { attributionCommand } from '../../harness/verdict/attribution-command.ts';
import { driftFindings, driftNotes, otherDriftNotes } from '../../harness/verdict/drift-judgement.ts';
import type { Examination, Promised } from '../promise.ts';

const libraries: Readonly<Record<LibraryProvider, string>> = { libc: 'C library', icu: 'libicu' };

/** The locales that ask no library: the server compares bytes. */
const bytewise: ReadonlySet<string> = new Set(['C', 'POSIX']);

/** Indexes that compute makes are read with the bundle's libraries, and the other way round. */
export function ordersAsCompute(provider: LibraryProvider): Promised {
  return {
    id: provider,
    text: `under the ${libraries[provider]} of the bundle strings have the order, and the equals, that they have under the compute image's, in every locale in use`,
    examine: async (examination) => {
      const { gate, cell, note } = examination;
      const compute = await computeEnvironment(gate, cell.major);
      const inUse = gate.plan.shape.locales ?? (await localesOfWorkloads(cell.major));
      const locales = asked(inUse, provider);
      const isInUse = locales.length > 0;
      if (!isInUse) note(`no locale of the ${libraries[provider]} is in use`);
      if (gate.candidate.bundle.layout === 'static') {
        if (!isInUse) return;
        judge(
          examination,
          provider,
          await staticLibraryDrift(examination, compute, provider, locales),
          locales,
        );
        return;
      }
      const candidate = await candidateOrFinding(examination, isInUse);
      if (candidate === undefined) return;
      const drift = await libraryDrift(
        { compute, candidate },
        provider,
        locales,
        (environment) =>
          share(gate, `digests of ${keyOf(environment)}`, () => environmentDigests(environment)),
        gate.progress,
      );
      if (isInUse) judge(examination, provider, drift, locales);
      else if (drift.kind === 'compared') noteAll(note, otherDriftNotes(drift.others));
    },
  };
}

function asked(inUse: readonly LocaleInUse[], provider: LibraryProvider): readonly string[] {
  return inUse
    .filter((each) => each.provider === provider && !(provider === 'libc' && bytewise.has(each.locale)))
    .map(({ locale }) => locale);
}

/** What is linked into a server only that server can be asked. */
async function staticLibraryDrift(
  { gate, cell, slug }: Examination,
  compute: CollationEnvironment,
  provider: LibraryProvider,
  locales: readonly string[],
): Promise<LibraryDrift> {
  const { progress } = gate;
  await using scratch = await temporaryDirectory(`the order of ${slug}`);
  const { bundle } = gate.candidate;
  const server = await StaticServer.open(bundle, cell.major, gate.host(cell.host), scratch.path, progress);
  const name = `the bundle on ${cell.host}`;
  const drift = await staticDrift({ compute, server, name, provider, locales, progress });
  return drift;
}

/** A bundle that leans on its host has no C library on a host without one. */
async function candidateOrFinding(
  { gate, cell, found }: Examination,
  isInUse: boolean,
): Promise<CollationEnvironment | undefined> {
  try {
    return await candidateEnvironment(gate, cell.major, cell.host);
  } catch (error) {
    if (!(error instanceof RedoubtError) || error.code !== 'no-libc') throw error;
    if (!isInUse) return undefined;
    found({
      code: 'collation-library-missing',
      message: `the bundle has no C library on ${cell.host} by which it could order strings: ${error.message}`,
      details: { library: 'libc', host: cell.host },
    });
    return undefined;
  }
}

function judge(
  { gate, cell, found, note }: Examination,
  provider: LibraryProvider,
  drift: LibraryDrift,
  locales: readonly string[],
): void {
  switch (drift.kind) {
    case 'library missing':
      judgeLibrary({ found, note }, provider, drift.in);
      return;
    case 'identical':
      note(
        `${libraries[provider]}${provider === 'libc' ? ' and LC_COLLATE of every locale' : ', code and data,'} equal the compute image's byte for byte (sha256 ${drift.digest}): no order to compare, for ${locales.join(', ')} and all others`,
      );
      break;
    case 'compared': {
      const { layout } = gate.candidate.bundle;
      const question = { layout, compute: drift.compute.name, major: cell.major, host: cell.host };
      for (const finding of driftFindings(drift.used, drift)) {
        const attribute = attributionCommand(question, finding.drift);
        found(attribute === undefined ? finding : { ...finding, details: { ...finding.details, attribute } });
        if (attribute !== undefined) note(`which part of it is guilty: ${attribute}`);
      }
      noteAll(note, [...driftNotes(drift.used, drift), ...otherDriftNotes(drift.others)]);
    }
  }
  judgeMissing({ found, note }, drift.missing, gate.plan.shape.locales !== undefined);
}

type Outlets = Pick<Examination, 'found' | 'note'>;

function noteAll(note: Outlets['note'], texts: readonly string[]): void {
  for (const text of texts) note(text);
}

function judgeLibrary(
  { found, note }: Outlets,
  provider: LibraryProvider,
  side: 'compute' | 'candidate' | 'both',
): void {
  if (side === 'both') {
    note(`neither bundle nor compute image has a ${libraries[provider]}`);
    return;
  }
  const [has, lacks] =
    side === 'candidate' ? ['the compute image', 'the bundle'] : ['the bundle', 'the compute image'];
  found({
    code: 'collation-library-missing',
    message: `${has} has a ${libraries[provider]}, ${lacks} has none: what the one orders by it the other cannot`,
    details: { library: provider === 'icu' ? 'libicu' : 'libc' },
  });
}

/** What the user says is in use must be there; the workloads use more than a bundle need have. */
function judgeMissing(
  { found, note }: Outlets,
  missing: readonly MissingLocale[],
  isDemanded: boolean,
): void {
  for (const { locale, in: side } of missing) {
    if (side === 'both') {
      throw new RedoubtError(
        'usage',
        'unknown-locale',
        `neither bundle nor compute image has the locale ${locale}, so nothing is proved of it`,
        { remedy: 'Name locales as `redoubt drift` lists them.', details: { locale } },
      );
    }
    const message =
      side === 'candidate'
        ? `the bundle lacks the locale ${locale}, which compute has: it could not open a database that uses it`
        : `the compute image lacks the locale ${locale}, which the bundle has`;
    if (isDemanded && side === 'candidate')
      found({ code: 'collation-locale-missing', message, details: { locale } });
    else note(`not compared: ${message}`);
  }
}

function keyOf({ rootPath, localeDirectory, icu, mounts, loader }: CollationEnvironment): string {
  return JSON.stringify([rootPath, localeDirectory, icu, mounts, loader]);
}
