import type { Client } from 'pg';

import type { Progress } from '../../host/progress.ts';
import { type ServerRoot, withScratchServer } from '../scratch-server.ts';
import type { Comparison } from './attribution.ts';
import type { AskedPairs } from './pair-question.ts';

/** What an environment said to one question, or why it said nothing. */
export type PairAnswer =
  | { readonly kind: 'seen'; readonly seen: readonly Comparison[] }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Asks a server in a root, through SQL, how pairs of strings compare: under deterministic collations of libc, and under
 * nondeterministic ones of ICU. Throws `infrastructure` when the server cannot be started.
 */
export async function askServer(
  root: ServerRoot,
  questions: readonly AskedPairs[],
  progress: Progress,
): Promise<readonly PairAnswer[]> {
  const ask = async (client: Client): Promise<readonly PairAnswer[]> => {
    const answers: PairAnswer[] = [];
    for (const [number, question] of questions.entries())
      answers.push(await askOne(client, `asked_${String(number)}`, question));
    return answers;
  };
  return withScratchServer(root, ask, progress);
}

async function askOne(
  client: Client,
  collation: string,
  { provider, locale, pairs }: AskedPairs,
): Promise<PairAnswer> {
  const name = client.escapeLiteral(locale);
  const options =
    provider === 'icu'
      ? `provider = icu, locale = ${name}, deterministic = false`
      : `provider = libc, locale = ${name}`;
  try {
    await client.query(`CREATE COLLATION ${collation} (${options})`);
    const { rows } = await client.query<{ readonly seen: Comparison }>(
      `SELECT CASE WHEN l COLLATE ${collation} < r THEN '<' WHEN l COLLATE ${collation} = r THEN '=' ELSE '>' END AS seen
       FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS given (l, r, number) ORDER BY number`,
      [pairs.map(({ left }) => left.text), pairs.map(({ right }) => right.text)],
    );
    return { kind: 'seen', seen: rows.map(({ seen }) => seen) };
  } catch (error) {
    // A locale that this libc or libicu refuses.
    return { kind: 'refused', why: error instanceof Error ? error.message : String(error) };
  }
}
