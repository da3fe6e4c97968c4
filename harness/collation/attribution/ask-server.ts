import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Client } from 'pg';

import { startServer } from '../../compute/server.ts';
import { runVanillaInitdb } from '../../compute/vanilla-initdb.ts';
import { RedoubtError } from '../../error.ts';
import { openChrootHost } from '../../host/chroot/chroot-host.ts';
import { describeEnding } from '../../host/describe-ending.ts';
import type { Progress } from '../../host/progress.ts';
import type { Root } from '../../host/root.ts';
import { temporaryDirectory } from '../../host/run-directory.ts';
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
  root: Root,
  major: number,
  questions: readonly AskedPairs[],
  progress: Progress,
): Promise<readonly PairAnswer[]> {
  await using host = await openChrootHost(root.name, root.path, progress);
  await using place = await temporaryDirectory('the server of an attribution');
  const inout = join(place.path, 'i');
  const { process } = await runVanillaInitdb(host, major, inout, [
    '--pgdata=/inout/data',
    '--username=cloud_admin',
    '--encoding=utf8',
    '--locale=C',
    '--auth=trust',
    '--no-instructions',
    '--no-sync',
  ]);
  if (process.ending.kind !== 'exited' || process.ending.exitCode !== 0)
    throw new RedoubtError(
      'infrastructure',
      'initdb-failed',
      `initdb in ${root.name} ${describeEnding(process.ending)}: ${process.stderr.trim().slice(-1000)}`,
      { details: { root: root.name } },
    );
  await mkdir(join(place.path, 's'));
  await using server = await startServer({
    host,
    major,
    dataDirectory: join(inout, 'data'),
    socketDirectory: join(place.path, 's'),
  });
  const client = await server.connect();
  const answers: PairAnswer[] = [];
  try {
    for (const [number, question] of questions.entries())
      answers.push(await askOne(client, `asked_${String(number)}`, question));
  } finally {
    await client.end();
  }
  await server.stop('fast');
  return answers;
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
