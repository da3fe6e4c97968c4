import { chmod, chown } from 'node:fs/promises';

import { systemError } from '../host/system-error.ts';

/** The unprivileged user and group that servers run as and that own their files, the same in every root. */
export const serverUid = 65534;

/** Makes a folder the server's own, and nobody else's: a server refuses a data directory that others may enter. */
export async function giveToServer(path: string): Promise<void> {
  try {
    await chown(path, serverUid, serverUid);
    await chmod(path, 0o700);
  } catch (error) {
    throw systemError(`cannot give ${path} to uid ${String(serverUid)}`, error);
  }
}
