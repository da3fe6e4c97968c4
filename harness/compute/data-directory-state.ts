import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { RedoubtError } from '../error.ts';
import { parseControlFile, type ControlFile } from './control-file.ts';

/** What a data directory says of itself while no server runs on it. */
export interface DataDirectoryState {
  readonly major: number;
  readonly control: ControlFile;
  /** Whether `postmaster.pid` exists: a server runs on it, or was killed. */
  readonly lockFileExists: boolean;
}

/**
 * Reads `PG_VERSION`, `global/pg_control` and the presence of `postmaster.pid` of the data directory at `directory`.
 * Throws `not-a-data-directory` (usage), or what {@link parseControlFile} throws.
 */
export async function readDataDirectoryState(directory: string): Promise<DataDirectoryState> {
  const versionText = (await readMember(directory, 'PG_VERSION')).toString('utf8').trim();
  const major = /^\d{2}$/.test(versionText) ? Number(versionText) : undefined;
  if (major === undefined) {
    throw notADataDirectory(directory, `its PG_VERSION says "${versionText.slice(0, 20)}"`);
  }
  const controlPath = join(directory, 'global', 'pg_control');
  const control = parseControlFile(await readMember(directory, 'global/pg_control'), controlPath);
  return { major, control, lockFileExists: await exists(join(directory, 'postmaster.pid')) };
}

/**
 * Refuses a data directory on which a server of `major` must not be started: another major
 * (`data-directory-other-major`, usage), one that a server holds or was killed on (`data-directory-in-use`,
 * infrastructure), one not cleanly shut down (`data-directory-not-clean`, infrastructure), pages that are not 8 KiB
 * (`data-directory-block-size`, usage).
 */
export function requireUsable(directory: string, state: DataDirectoryState, major: number): void {
  if (state.major !== major) {
    throw new RedoubtError(
      'usage',
      'data-directory-other-major',
      `${directory} was made by PostgreSQL ${String(state.major)}, and a server of ${String(major)} cannot open it`,
      {
        remedy: `Use a compute image with PostgreSQL ${String(state.major)}, or a data directory made by ${String(major)}.`,
        details: { directory, found: state.major, wanted: major },
      },
    );
  }
  if (state.lockFileExists) {
    throw new RedoubtError(
      'infrastructure',
      'data-directory-in-use',
      `${directory} holds a postmaster.pid: a server runs on it or was killed`,
      { remedy: 'Stop that server, or make the data directory again.', details: { directory } },
    );
  }
  requireClean(directory, state.control);
  if (state.control.blockSizeBytes !== 8192) {
    throw new RedoubtError(
      'usage',
      'data-directory-block-size',
      `${directory} has pages of ${String(state.control.blockSizeBytes)} bytes; only 8192 is supported`,
      { remedy: 'Use a server built with the default block size.', details: { directory } },
    );
  }
}

/** Throws `data-directory-not-clean` (infrastructure) unless the last server on `directory` was shut down cleanly. */
export function requireClean(directory: string, control: ControlFile): void {
  if (control.state !== 'shut down' && control.state !== 'shut down in recovery') {
    throw new RedoubtError(
      'infrastructure',
      'data-directory-not-clean',
      `${directory} was not shut down cleanly: pg_control says "${control.state}"`,
      {
        remedy: 'Make the data directory again; pages and WAL of a crashed server do not belong together.',
        details: { directory, state: control.state },
      },
    );
  }
}

async function readMember(directory: string, member: string): Promise<Buffer> {
  try {
    return await readFile(join(directory, member));
  } catch (cause) {
    throw notADataDirectory(directory, `${member} cannot be read`, cause);
  }
}

function notADataDirectory(directory: string, why: string, cause?: unknown): RedoubtError {
  return new RedoubtError(
    'usage',
    'not-a-data-directory',
    `${directory} is not a PostgreSQL data directory: ${why}`,
    { remedy: 'Name a directory that initdb made.', details: { directory }, cause },
  );
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw new RedoubtError('infrastructure', 'data-directory-unreadable', `${path} cannot be examined`, {
      remedy: 'Run as root, or give the harness the right to read it.',
      cause,
    });
  }
}
