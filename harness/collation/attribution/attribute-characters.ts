import type { Client } from 'pg';

import type { Progress } from '../../host/progress.ts';
import { builtinLocale, createBuiltinCollation } from '../builtin/builtin-locale.ts';
import type { CharacterProperty } from '../character-changes.ts';
import { exampleString } from '../example-string.ts';
import type { LocaleDrift } from '../locale-drift.ts';
import { withScratchServer } from '../scratch-server.ts';
import { inTurn, openSwap, whyNoServer } from './attribute-drift.ts';
import type { AskedCharacter, AttributionRun, LocaleAttribution } from './attribution.ts';
import { causeOfRuns, likened, notSwapped } from './cause-of-runs.ts';
import { planSwaps, type Swap, type SwapSides } from './swap.ts';

/** What is asked of every environment about one locale of PostgreSQL's own provider. */
interface CharacterQuestion {
  readonly drift: LocaleDrift;
  readonly characters: readonly AskedCharacter[];
}

/** What a server answered to each question, or why it could not. */
type Answers = readonly (readonly string[])[] | { readonly why: string };

const mostCharacters = 4;

/** Letters that some version of Unicode between 15 and 17 gave a case: asked where nothing is known to change. */
const youngLetters = ['\u{A7DA}', '\u{A7DC}', '\u{1C89}', '\u{10D50}'];

/**
 * Says of locales of PostgreSQL's own provider which part of the environments makes cases and classes other ones: servers are
 * asked, each side's own, with the libraries and with the server of the other side. Only locales of which both sides' servers were
 * asked are of account; where nothing changes, the runs show that, too.
 */
export async function attributeCharacters(
  drifts: readonly LocaleDrift[],
  sides: SwapSides,
  progress: Progress,
): Promise<ReadonlyMap<LocaleDrift, LocaleAttribution>> {
  const questions = drifts.flatMap(questionOf);
  if (questions.length === 0) return new Map();
  const all = await inTurn(planSwaps(sides, new Set()), async (swap) => ({
    swap,
    answers: await ask(swap, questions, progress),
  }));
  return new Map(
    questions.map(({ drift, characters }, number) => {
      const runs = likened(all.map(({ swap, answers }) => runOf(swap, answers, number)));
      const cause = isUnmoved(runs)
        ? ({ cause: 'none', library: null, parts: [] } as const)
        : causeOfRuns(runs);
      return [drift, { ...cause, pairs: [], characters, runs, notSwapped: notSwapped(runs) }] as const;
    }),
  );
}

function questionOf(drift: LocaleDrift): readonly CharacterQuestion[] {
  if (drift.characters === null || !drift.evidence.includes('characters')) return [];
  const { examples } = drift.characters;
  const changed = [...Map.groupBy(examples, ({ what }) => what).values()]
    .flatMap(([first]) => first ?? [])
    .slice(0, mostCharacters)
    .map(({ what, character }) => asked(what, character));
  const characters = changed.length > 0 ? changed : youngLetters.map((letter) => asked('lower', letter));
  return [{ drift, characters }];
}

function asked(what: CharacterProperty, character: string): AskedCharacter {
  return { what, ...exampleString(character) };
}

async function ask(
  swap: Swap,
  questions: readonly CharacterQuestion[],
  progress: Progress,
): Promise<Answers> {
  progress('attribution', `the server of ${swap.environment}`);
  const place = await openSwap(swap, progress);
  if (place.kind === 'refused') return place;
  const { root, major } = place;
  const askAll = async (client: Client): Promise<readonly (readonly string[])[]> => {
    const answers: (readonly string[])[] = [];
    for (const [number, question] of questions.entries())
      answers.push(await askOne(client, `asked_${String(number)}`, question));
    return answers;
  };
  return withScratchServer({ ...root, major }, askAll, progress).catch((error: unknown) => ({
    why: whyNoServer(error),
  }));
}

async function askOne(
  client: Client,
  collation: string,
  { drift, characters }: CharacterQuestion,
): Promise<readonly string[]> {
  const locale = builtinLocale(drift.locale);
  if (locale === undefined) return [];
  await client.query(createBuiltinCollation(collation, locale));
  const answers: string[] = [];
  for (const { what, text } of characters) {
    const character = `$1::text COLLATE ${collation}`;
    const expression =
      what === 'lower' || what === 'upper'
        ? `${what}(${character})`
        : `CASE WHEN ${character} ~ '[[:${what}:]]' THEN 'yes' ELSE 'no' END`;
    const { rows } = await client.query<{ readonly answer: string }>(`SELECT ${expression} AS answer`, [
      text,
    ]);
    answers.push(rows[0]?.answer ?? '');
  }
  return answers;
}

function runOf(swap: Swap, answers: Answers, number: number): Omit<AttributionRun, 'like'> {
  return 'why' in answers
    ? { ...swap, asked: 'server', seen: null, refused: answers.why }
    : { ...swap, asked: 'server', seen: answers[number] ?? null, refused: null };
}

function isUnmoved(runs: readonly AttributionRun[]): boolean {
  const seen = runs.flatMap((run) => (run.seen === null ? [] : [run.seen.join()]));
  return seen.length > 0 && new Set(seen).size === 1;
}
