import type { CollationCorpus } from '../../collation/corpus.ts';
import { stringAt } from '../../collation/corpus.ts';
import type { EnvironmentFacts } from '../../collation/drift.ts';
import type { CollationEnvironment } from '../../collation/environment.ts';
import { findingOf } from '../../collation/locale-finding.ts';
import type { KnownLocale, SharedLocale } from '../../collation/locale-list.ts';
import { canonicalLibcLocale } from '../../collation/locale-name.ts';
import { localesInBoth } from '../../collation/locales-in-both.ts';
import { type LibraryProvider, Probe } from '../../collation/probe.ts';
import { compareRanks, sweepGround } from '../../collation/sweep.ts';
import { sweepCorpus } from '../../collation/sweep-corpus.ts';
import { inverse, totalOrder } from '../../collation/total-order.ts';
import type { Progress } from '../../host/progress.ts';
import type { LibraryDrift } from './library-drift.ts';
import type { StaticServer } from './static-server.ts';
import { requiredRanks } from '../../collation/required-ranks.ts';

export interface StaticQuestion {
  readonly compute: CollationEnvironment;
  readonly server: StaticServer;
  /** The bundle, as words name it. */
  readonly name: string;
  readonly provider: LibraryProvider;
  readonly locales: readonly string[];
  readonly progress: Progress;
}

/**
 * What changes from the compute image's library to the one that is linked into a static server: the one is asked by the
 * probe, the other by sorting a table of everyday strings and small alphabets. Equality is not compared, nor are locales in
 * another encoding than UTF-8.
 */
export async function staticDrift(question: StaticQuestion): Promise<LibraryDrift> {
  const { compute, server, name, provider, locales, progress } = question;
  await using probe = await Probe.open(compute, progress);
  const sides = { from: probe, to: probe };
  const found = (await localesInBoth(sides, [provider], locales)).locales[provider];
  const shared = found.filter(({ from }) => from.codeset === undefined);
  // A server sorts by comparing, in glibc minutes for every code point in every pattern.
  const bits = new Uint8Array(0);
  const corpus = await sweepCorpus(bits);
  const number = await probe.addCorpus(corpus.bytes);
  const byBytes = await requiredRanks(probe, 'libc', 'C', number);
  const ground = sweepGround(corpus, byBytes, bits, bits);
  await server.give('strings', copyText(corpus));
  progress('collation', `sorting ${corpus.count.toLocaleString('en')} strings with ${name}`);
  const answers = await server.run(
    statementsFor(provider, shared),
    shared.flatMap((_, index) => [`order${String(index)}`, `version${String(index)}`]),
  );
  const used = [];
  const missing = locales.filter((locale) => !shared.some((each) => each.locale === locale));
  const versions: string[] = [];
  for (const [index, { locale, from }] of shared.entries()) {
    const order = answers.get(`order${String(index)}`);
    if (order === undefined) {
      missing.push(locale);
      continue;
    }
    const version = answers.get(`version${String(index)}`)?.trim() ?? '';
    const to: KnownLocale = { ...from, collversion: version === '' ? null : version, data: null };
    if (version !== '') versions.push(version);
    const before = totalOrder(await requiredRanks(probe, provider, from.name, number), ground.byBytes);
    const swept = compareRanks(ground, before, inverse(Uint32Array.from(order.trim().split('\n'), Number)));
    const member = { locale, from, to };
    const group = { members: [member], isSameData: false, isSwept: true };
    used.push(findingOf({ provider, locale: member, group, swept, isOwnOnly: false, flips: [] }));
  }
  const computeFacts = await factsOf(probe);
  const [linked = 'unknown'] = versions;
  return {
    kind: 'compared',
    compute: computeFacts,
    candidate: {
      name,
      libc: provider === 'libc' ? linked : 'linked in',
      icu: { version: `with collversion ${linked}`, unicode: '', digest: '' },
      assigned: {},
    },
    used,
    others: [],
    missing: missing.map((locale) => ({ locale, in: 'candidate' })),
  };
}

/** A table of the strings, and for each locale the numbers of the strings in its order. */
function statementsFor(provider: LibraryProvider, locales: readonly SharedLocale[]): readonly string[] {
  return [
    'CREATE TABLE strings (number int, word text)',
    "COPY strings FROM '/inout/strings'",
    ...locales.flatMap(({ from }, index) => {
      const collation = `asked${String(index)}`;
      return [
        `CREATE COLLATION ${collation} (provider = ${provider}, locale = '${nameFor(provider, from)}')`,
        `COPY (SELECT number FROM strings ORDER BY word COLLATE ${collation}, number) TO '/inout/order${String(index)}'`,
        `COPY (SELECT coalesce(pg_collation_actual_version(oid), '') FROM pg_collation WHERE collname = '${collation}') TO '/inout/version${String(index)}'`,
      ];
    }),
  ];
}

/** As both sides know it: glibc finds `C.utf8` by the name of `C.UTF-8`, and not the other way round. */
function nameFor(provider: LibraryProvider, { name }: KnownLocale): string {
  return (provider === 'libc' ? canonicalLibcLocale(name) : name).replaceAll("'", "''");
}

/** The text format of COPY. */
function copyText(corpus: CollationCorpus): Buffer {
  const lines: string[] = [];
  for (let index = 0; index < corpus.count; index += 1) {
    const text = stringAt(corpus, index).replaceAll(
      /[\\\n\r\t]/g,
      (character) => escapes[character] ?? character,
    );
    lines.push(`${String(index)}\t${text}\n`);
  }
  return Buffer.from(lines.join(''));
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

async function factsOf(probe: Probe): Promise<EnvironmentFacts> {
  const icu = await probe.icuVersion();
  const [version = '', unicode = ''] = icu.kind === 'answered' ? icu.body.toString('utf8').split('\t') : [];
  return {
    name: probe.environment.name,
    libc: await probe.libcVersion(),
    icu: icu.kind === 'answered' ? { version, unicode, digest: '' } : null,
    assigned: {},
  };
}
