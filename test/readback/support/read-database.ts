import type { Client } from 'pg';

import type { RunningServer } from '../../../harness/compute/server.ts';
import { readback, type Readback } from '../../../harness/readback/readback.ts';

/** Opens a session in a new database in which the statements have run. */
export async function withDatabase<Value>(
  server: RunningServer,
  name: string,
  statements: readonly string[],
  work: (client: Client) => Promise<Value>,
): Promise<Value> {
  await using stack = new AsyncDisposableStack();
  const open = async (database?: string): Promise<Client> => {
    const client = await server.connect(database);
    stack.defer(() => client.end());
    return client;
  };
  await (await open()).query(`CREATE DATABASE ${name}`);
  const client = await open(name);
  for (const statement of statements) await client.query(statement);
  return await work(client);
}

/** The codes of what was found, each once, and the words. */
export function summaryOf({ findings }: Readback): {
  readonly codes: readonly string[];
  readonly words: string;
} {
  return {
    codes: [...new Set(findings.map(({ code }) => code))],
    words: findings.map(({ message }) => message).join('\n'),
  };
}

/** Reads back a database that the statements make, and sums up. */
export async function readMade(
  server: RunningServer,
  name: string,
  statements: readonly string[],
): Promise<ReturnType<typeof summaryOf> & { readonly readback: Readback }> {
  return withDatabase(server, name, statements, async (client) => {
    const read = await readback(client);
    return { ...summaryOf(read), readback: read };
  });
}
