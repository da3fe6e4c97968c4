import { characterChanges, type CharacterChange, readCharacters } from '../../collation/character-changes.ts';
import type { Connect } from './proof-cluster.ts';
import { literal, proofCollations, type ProofLocale } from './proof-locale.ts';
import { candidateStrings, casedStrings, sortedStrings } from './proof-strings.ts';
import { casedTables, extensions, sortedTables } from './proof-tables.ts';
import { orderChange, serverOrder } from './server-order.ts';

/** What the database of one locale is made of. */
export interface ProofTables {
  /** Extensions, collations, and the tables that the strings are put in. */
  readonly before: readonly string[];
  readonly sorted: readonly string[];
  readonly cased: readonly string[];
  readonly statements: readonly string[];
  /** How many of the sorted ones move. */
  readonly moved: number;
  readonly changes: readonly CharacterChange[];
}

/** Chooses what shows a difference, if there is one: asks the servers of both sides themselves. */
export async function proofTables(
  locale: ProofLocale,
  examples: readonly string[],
  sides: readonly [Connect, Connect],
): Promise<ProofTables> {
  const candidates = await candidateStrings(examples);
  const collations = proofCollations(locale);
  const ask = (connect: Connect) =>
    connect(undefined, async (client) => {
      const [own] = collations;
      await client.query(`DROP COLLATION IF EXISTS proof; ${own?.create ?? ''}`);
      return {
        characters: await readCharacters(client, 'proof'),
        order: await serverOrder(client, 'proof', candidates),
      };
    });
  const [from, to] = await Promise.all([ask(sides[0]), ask(sides[1])]);
  const changes = characterChanges(from.characters, to.characters);
  const { strings, moved, pivot } = sortedStrings(candidates, orderChange(from.order, to.order));
  return {
    before: [
      ...extensions.map((name) => `CREATE EXTENSION ${name}`),
      ...collations.map(({ create }) => create),
      'CREATE SCHEMA given',
      'CREATE TABLE given.sorted (id int GENERATED ALWAYS AS IDENTITY, word text)',
      'CREATE TABLE given.cased (id int GENERATED ALWAYS AS IDENTITY, word text)',
    ],
    sorted: strings,
    cased: casedStrings(changes),
    statements: [...sortedTables(pivot, collations), ...casedTables],
    moved,
    changes,
  };
}

/** All of it as one script for psql. */
export function proofScript({ before, sorted, cased, statements }: ProofTables): readonly string[] {
  const all = [...before, insertion('sorted', sorted), insertion('cased', cased), ...statements];
  return all.map((each) => `${each};`);
}

function insertion(table: string, words: readonly string[]): string {
  return `INSERT INTO given.${table} (word) VALUES\n  ${words.map((word) => `(${literal(word)})`).join(',\n  ')}`;
}
