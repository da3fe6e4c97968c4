import { createHash } from 'node:crypto';

import { newestPlacedServer } from '../../host/server-directories.ts';
import type { CollationEnvironment } from '../environment.ts';
import type { ServerRoot } from '../scratch-server.ts';

/** The server that an environment has itself. */
export interface OwnServer extends ServerRoot {
  /** SHA-256 of its program. */
  readonly digest: string;
}

/** The newest server of an environment that is a root; undefined where it has none, and for the tree of a bundle. */
export async function ownServer({
  name,
  rootPath,
  loader,
}: CollationEnvironment): Promise<OwnServer | undefined> {
  if (loader !== undefined) return undefined;
  const newest = await newestPlacedServer(rootPath);
  if (newest === undefined) return undefined;
  const digest = createHash('sha256').update(newest.program).digest('hex');
  return { name, path: rootPath, major: newest.major, digest };
}
