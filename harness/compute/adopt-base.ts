import { lstat, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { execa, ExecaError } from 'execa';

import { RedoubtError } from '../error.ts';
import { interruption } from '../host/interruption.ts';
import { systemError } from '../host/system-error.ts';
import { copyTree } from './copy-tree.ts';
import { giveToServer, serverUid } from './server-uid.ts';

/** What the owner of a data directory wrote down for their own server; it may live elsewhere, and name what only they have. */
const configuration: Readonly<Record<string, string>> = {
  'postgresql.conf': '',
  'postgresql.auto.conf': '',
  'pg_hba.conf': 'local all all trust\n',
  'pg_ident.conf': '',
};

/**
 * Copies a data directory that is somebody's, at rest, so that the servers of a compute image can work on copies of it:
 * without its WAL, its configuration and its replication slots, which concern no page. What is copied is not changed.
 * Throws `tablespace-unsupported` (usage), or what copying throws.
 */
export async function adoptBase(source: string, target: string): Promise<void> {
  await refuseTablespaces(source);
  await copyTree(source, target);
  try {
    // pg_wal and the configuration can be links to places of the owner's: it is the links that go.
    await emptyDirectory(join(target, 'pg_wal'));
    await emptyDirectory(join(target, 'pg_replslot'));
    for (const [name, text] of Object.entries(configuration)) {
      await rm(join(target, name), { force: true });
      await writeFile(join(target, name), text);
    }
    for (const signal of ['standby.signal', 'recovery.signal', 'backup_label', 'tablespace_map'])
      await rm(join(target, signal), { force: true });
  } catch (error) {
    throw systemError(`cannot prepare ${target}`, error);
  }
  await giveTreeToServer(target);
}

async function refuseTablespaces(source: string): Promise<void> {
  const directory = join(source, 'pg_tblspc');
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
    throw systemError(`cannot list ${directory}`, error);
  });
  const link = entries.find((entry) => entry.isSymbolicLink());
  if (link === undefined) return;
  throw new RedoubtError(
    'usage',
    'tablespace-unsupported',
    `${join(directory, link.name)} is a tablespace outside of the data directory, which is not captured`,
    { remedy: 'Move its relations into pg_default, and drop it.', details: { directory: source } },
  );
}

async function emptyDirectory(path: string): Promise<void> {
  const isLink = await lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
  if (isLink) await rm(path);
  else await rm(path, { recursive: true, force: true });
  await mkdir(path);
}

async function giveTreeToServer(path: string): Promise<void> {
  try {
    await execa(
      'chown',
      ['--recursive', '--no-dereference', `${String(serverUid)}:${String(serverUid)}`, path],
      {
        stdin: 'ignore',
        cancelSignal: interruption,
      },
    );
  } catch (cause) {
    const why = cause instanceof ExecaError ? String(cause.stderr) || cause.shortMessage : String(cause);
    throw new RedoubtError('infrastructure', 'chown-failed', `cannot give ${path} to the server: ${why}`, {
      remedy: 'Run as root.',
      cause,
    });
  }
  await giveToServer(path);
}
