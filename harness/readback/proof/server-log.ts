import { readFile } from 'node:fs/promises';

/** What a server warned of, as its log has it, each thing once: also what it says before a session hears anything. */
export async function readServerLog(path: string): Promise<readonly string[]> {
  const said = new Set<string>();
  let last: string | undefined;
  for (const line of (await readFile(path, 'utf8')).split('\n')) {
    const [, severity, words = ''] =
      /^(?:.*?\[\d+\] )?(WARNING|DETAIL|HINT|STATEMENT|LOG|ERROR|FATAL):\s+(.*)$/.exec(line) ?? [];
    if (severity === 'DETAIL' && last !== undefined) {
      said.delete(last);
      last = `${last}; ${words}`;
      said.add(last);
    } else if (severity === 'WARNING') {
      last = words;
      said.add(last);
    } else if (severity !== undefined) last = undefined;
  }
  return [...said];
}
