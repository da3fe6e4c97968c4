import type { Client } from 'pg';

import type { Progress } from '../../host/progress.ts';
import {
  type CharacterChange,
  characterChanges,
  type CharacterMap,
  characterProperties,
  countCharacterChanges,
  readCharacters,
} from '../character-changes.ts';
import type { CollationEnvironment } from '../environment.ts';
import type { CharacterDrift, LocaleDrift } from '../locale-drift.ts';
import { bytewiseDrifts } from '../locale-finding.ts';
import { isNoServer, withScratchServer } from '../scratch-server.ts';
import { type BuiltinLocale, builtinLocale, createBuiltinCollation } from './builtin-locale.ts';
import { type OwnServer, ownServer } from './own-server.ts';

export interface BuiltinQuestion {
  readonly from: CollationEnvironment;
  readonly to: CollationEnvironment;
  /** As the user wrote them; undefined for all. */
  readonly locales: readonly string[] | undefined;
  /** Whether no server is to be asked. */
  readonly quick: boolean;
  readonly progress: Progress;
}

const shownOfEach = 2;

/**
 * What changes for locales of PostgreSQL's own provider. Their order is that of bytes on every side; cases and classes come from
 * the server's Unicode tables, and where both sides have servers that differ, these are asked.
 */
export async function builtinDrifts(question: BuiltinQuestion): Promise<readonly LocaleDrift[]> {
  const drifts = bytewiseDrifts(['builtin'], question.locales);
  const asked = [...new Set(drifts.flatMap(({ locale }) => builtinLocale(locale) ?? []))];
  const found = asked.length === 0 ? nobodyAsked : await charactersOf(question, asked);
  return drifts.map((drift): LocaleDrift => {
    const locale = builtinLocale(drift.locale);
    // C knows the letters of ASCII alone.
    if (locale === undefined || found.kind === 'one program')
      return { ...drift, characters: characterDrift([]) };
    const characters = found.kind === 'asked' ? found.answers.get(locale) : undefined;
    return characters === undefined
      ? drift
      : { ...drift, characters, evidence: [...drift.evidence, 'characters'] };
  });
}

/** What is known of both sides' tables: one program has one set of them. */
type FoundCharacters =
  | { readonly kind: 'one program' }
  | { readonly kind: 'asked'; readonly answers: ReadonlyMap<BuiltinLocale, CharacterDrift> };

const nobodyAsked: FoundCharacters = { kind: 'asked', answers: new Map() };

async function charactersOf(
  { from, to, quick, progress }: BuiltinQuestion,
  asked: readonly BuiltinLocale[],
): Promise<FoundCharacters> {
  const servers = { from: await ownServer(from), to: await ownServer(to) };
  if (servers.from === undefined || servers.to === undefined) return nobodyAsked;
  if (servers.from.digest === servers.to.digest) return { kind: 'one program' };
  const oldest = Math.min(servers.from.major, servers.to.major);
  const inBoth = asked.filter(({ since }) => since <= oldest);
  if (quick || inBoth.length === 0) return nobodyAsked;
  progress('characters', "asking both sides' own servers for cases and classes");
  const answers = await Promise.all([
    readAll(servers.from, inBoth, progress),
    readAll(servers.to, inBoth, progress),
  ]);
  const [before, after] = answers;
  if (before === undefined || after === undefined) return nobodyAsked;
  const found = new Map(
    inBoth.flatMap((locale) => {
      const [one, other] = [before.get(locale), after.get(locale)];
      return one && other ? [[locale, characterDrift(characterChanges(one, other))] as const] : [];
    }),
  );
  return { kind: 'asked', answers: found };
}

/** What a server makes of every character; undefined where it cannot be run, as in a root without a shell. */
async function readAll(
  server: OwnServer,
  locales: readonly BuiltinLocale[],
  progress: Progress,
): Promise<ReadonlyMap<BuiltinLocale, CharacterMap> | undefined> {
  const ask = async (client: Client): Promise<ReadonlyMap<BuiltinLocale, CharacterMap>> => {
    const maps = new Map<BuiltinLocale, CharacterMap>();
    for (const [number, locale] of locales.entries()) {
      const collation = `asked_${String(number)}`;
      await client.query(createBuiltinCollation(collation, locale));
      maps.set(locale, await readCharacters(client, collation));
    }
    return maps;
  };
  return withScratchServer(server, ask, progress).catch((error: unknown) => {
    if (isNoServer(error)) return undefined;
    throw error;
  });
}

function characterDrift(changes: readonly CharacterChange[]): CharacterDrift {
  return {
    changed: countCharacterChanges(changes),
    examples: characterProperties.flatMap((property) =>
      changes.filter(({ what }) => what === property).slice(0, shownOfEach),
    ),
  };
}
