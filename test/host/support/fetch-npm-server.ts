/** A harness that fetches one server of npm's into the cache that its environment names; `argv[2]` is the pin as JSON. */
import { RedoubtError } from '../../../harness/error.ts';
import { ensureNpmServer, type NpmServer } from '../../../harness/host/npm/npm-server.ts';

const print = (value: Readonly<Record<string, unknown>>): boolean =>
  process.stdout.write(`${JSON.stringify(value)}\n`);

try {
  const server = JSON.parse(process.argv[2] ?? '') as NpmServer;
  print({ path: await ensureNpmServer(server, (phase, detail) => print({ phase, detail })) });
} catch (error) {
  if (!(error instanceof RedoubtError)) throw error;
  const { kind, code, message, remedy, details } = error;
  print({ kind, code, message, remedy, details });
}
