import { createHash } from 'node:crypto';

import { readCollationRows, readDatabaseRows } from '../compute/catalog-rows.ts';
import type { DataTree } from '../verdict/data-tree.ts';
import { readSettings } from '../verdict/settings-comparison.ts';
import type { PinnedCollations, PinnedInitdb } from './bundle-lock.ts';
import { shortDigest } from './file-facts.ts';

/** What initdb tries out on the machine that it runs on. */
const ofTheMachine = /^(?:dynamic_shared_memory_type|max_connections|shared_buffers|log_timezone|timezone)$/;
const relationFile = /^(?:base\/\d+|global)\/\d+(?:_(?:fsm|vm|init))?(?:\.\d+)?$/;
const providers: Readonly<Record<string, string>> = { b: 'builtin', c: 'libc', d: 'default', i: 'ICU' };

/** Takes down what a data directory of initdb's is, as far as it is the bundle's doing; `host` is the one it leaned on. */
export function takeInitdbFacts(tree: DataTree, major: number, host: string | null): PinnedInitdb {
  const settings = readSettings(tree.read('postgresql.conf') ?? Buffer.alloc(0));
  return {
    host,
    settings: Object.fromEntries(
      [...settings]
        .filter(([name]) => !ofTheMachine.test(name))
        .toSorted(([left], [right]) => (left < right ? -1 : 1)),
    ),
    databases: Object.fromEntries(
      (readDatabaseRows((path) => tree.read(path), major) ?? [])
        .map(({ name, encoding, provider, collate, ctype, locale, version }): readonly [string, string] => [
          name,
          `encoding ${String(encoding)}, ${providers[provider] ?? provider}, collate ${collate ?? 'none'}, ctype ${ctype ?? 'none'}, locale ${locale ?? 'none'}, version ${version ?? 'none'}`,
        ])
        .toSorted(([left], [right]) => (left < right ? -1 : 1)),
    ),
    collations: collationFacts(tree, major),
    relations: relationDigest(tree),
  };
}

function collationFacts(tree: DataTree, major: number): readonly PinnedCollations[] {
  const rows = readCollationRows((path) => tree.read(path), major) ?? [];
  const groups = Map.groupBy(rows, ({ provider, version }) => `${provider} ${version ?? ''}`);
  return [...groups]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([, group]) => ({
      provider: providers[group[0]?.provider ?? ''] ?? group[0]?.provider ?? '',
      version: group[0]?.version ?? null,
      count: group.length,
      names: shortDigest(
        group
          .map(({ name, encoding }) => `${name} ${String(encoding)}`)
          .toSorted()
          .join('\n'),
      ),
    }));
}

function relationDigest(tree: DataTree): string {
  const hash = createHash('sha256');
  for (const [path, { kind }] of tree.entries)
    if (kind === 'file' && relationFile.test(path)) hash.update(`${path}\0${tree.digest(path)}\0`);
  return hash.digest('hex');
}
