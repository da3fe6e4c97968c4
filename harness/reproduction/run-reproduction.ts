import { type Client, DatabaseError } from 'pg';

import { RedoubtError } from '../error.ts';
import { openChrootHost } from '../host/chroot/chroot-host.ts';
import { composedImage, isComposition } from '../host/composition/composition-recipe.ts';
import type { Progress } from '../host/progress.ts';
import { ensureRoot } from '../host/root.ts';
import { temporaryDirectory } from '../host/run-directory.ts';
import { ProofCluster, type ProofSide } from '../readback/proof/proof-cluster.ts';
import type { Reproduction } from './reproduction.ts';
import { createDatabase, reproductionDatabase, reproductionStatements } from './reproduction-sql.ts';

/** Whose server runs on both sides, unless a bundle's libraries are those of another major. */
const usualMajor = 17;

/** What the statements print, a line each, as `psql -XAtq` would. */
export interface ReproductionOutput {
  readonly expected: readonly string[];
  readonly seen: readonly string[];
}

/**
 * The composition in which the server runs on a side: with that environment's C library, or its libicu. Throws what making a
 * composition throws, for environments that have no part to give.
 */
export async function reproductionServer(
  name: string,
  provider: Reproduction['provider'],
  major: number | undefined,
  progress: Progress,
): Promise<string> {
  const server = `pg=npm:${String(major ?? usualMajor)}`;
  const image = await composedImage(
    isComposition(name) ? name : `${server},${provider === 'icu' ? 'icu' : 'libc'}=${name}`,
    progress,
  );
  await ensureRoot(image.recipe, progress);
  return image.name;
}

/**
 * Makes table and index under the server of FROM, and looks at them there and, on the same data directory, under that of TO.
 * Throws `no-server` (usage) for a reproduction without one, and what servers throw.
 */
export async function runReproduction(
  reproduction: Reproduction,
  progress: Progress,
): Promise<ReproductionOutput> {
  await using stack = new AsyncDisposableStack();
  const from = await openSide(reproduction.from, stack, progress);
  const to = await openSide(reproduction.to, stack, progress);
  const directory = stack.use(await temporaryDirectory('a reproduction'));
  const cluster = new ProofCluster(directory.path);
  progress('reproduction', `making a table of two rows under ${from.name}`);
  await cluster.initialise(from, 'data');
  const ask = (client: Client): Promise<readonly string[]> => answers(client, reproduction);
  const { value: expected } = await cluster.serve(from, 'data', async (connect) => {
    await connect(undefined, (client) => client.query(createDatabase(reproduction)));
    return connect(reproductionDatabase, ask);
  });
  progress('reproduction', `opening it under ${to.name}`);
  const { value: seen } = await cluster.serve(to, 'data', (connect) => connect(reproductionDatabase, ask));
  return { expected, seen };
}

async function openSide(
  { name, server: composition }: Reproduction['from'],
  stack: AsyncDisposableStack,
  progress: Progress,
): Promise<ProofSide> {
  if (composition === null)
    throw new RedoubtError('usage', 'no-server', `no server can run with the libraries of ${name} alone`, {
      remedy: 'See reproduce.sql for how to run it by hand.',
    });
  const { recipe, major } = await composedImage(composition, progress);
  const { path } = await ensureRoot(recipe, progress);
  const host = stack.use(await openChrootHost(composition, path, progress));
  return { name, host, major };
}

async function answers(client: Client, reproduction: Reproduction): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const statement of reproductionStatements(reproduction)) {
    try {
      const { rows } = await client.query<Readonly<Record<string, unknown>>>(statement);
      lines.push(...rows.map((row) => Object.values(row).map(String).join('|')));
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      lines.push(`ERROR:  ${error.message}`);
    }
  }
  return lines;
}
