import { chown, mkdir } from 'node:fs/promises';

/** The uid and gid under which bundles and servers run; Debian's nobody and nogroup. */
const unprivilegedId = 65_534;

/** Makes a folder, and those above it, that the processes inside a root may write to. */
export async function makeUnprivilegedDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chown(path, unprivilegedId, unprivilegedId);
}
