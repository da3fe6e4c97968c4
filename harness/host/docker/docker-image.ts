import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { RedoubtError } from '../../error.ts';
import { hold, throwIfInterrupted } from '../interruption.ts';
import { ownerToken } from '../owner.ts';
import type { Progress } from '../progress.ts';
import { containerLabel } from './container-options.ts';
import { type DockerApi, unreachable } from './docker-client.ts';

/** The root of a host as an image. */
export interface HostImage extends AsyncDisposable {
  /** `sha256:` and hexadecimal digits. */
  readonly id: string;
}

/** A root on this machine: its folder, and what it is made of, if that is known for good. */
export interface RootToImport {
  readonly name: string;
  readonly path: string;
  readonly key: string | undefined;
  /** Of the daemon's own image that the root was taken from. */
  readonly imageId?: string;
}

const repository = 'redoubt/host';

/**
 * The image of a root, imported once under a name of its own; that of a folder, which may change, is imported for this
 * process and removed when it is disposed. Throws `image-import-failed` (infrastructure).
 */
export async function ensureHostImage(
  api: DockerApi,
  root: RootToImport,
  progress: Progress,
): Promise<HostImage> {
  if (root.imageId !== undefined) return { id: root.imageId, [Symbol.asyncDispose]: async () => {} };
  const tag = root.key ?? `folder-${ownerToken()}-${randomUUID().slice(0, 8)}`;
  const known = root.key === undefined ? undefined : await imageId(api, `${repository}:${tag}`);
  const id = known ?? (await importRoot(api, root, tag, progress));
  return {
    id,
    [Symbol.asyncDispose]: async () => {
      // One that is gone, or a daemon that is, leaves nothing to remove.
      if (root.key === undefined)
        await api
          .getImage(id)
          .remove({ force: true })
          .catch(() => {});
    },
  };
}

/** The id of an image that the daemon has; undefined when it has not. */
export async function imageId(api: DockerApi, reference: string): Promise<string | undefined> {
  try {
    return (await api.getImage(reference).inspect()).Id;
  } catch (error) {
    if ((error as { readonly statusCode?: number }).statusCode === 404) return undefined;
    throw unreachable(error);
  }
}

/**
 * Whether tar had nothing else to say. A root of the cache lends its files to the roots that are composed meanwhile, and
 * to tar a file with one link more has changed; nobody writes in it.
 */
function toldOfChanges(complaint: string): boolean {
  return complaint.split('\n').every((line) => /^tar: .*: file changed as we read it$/.test(line));
}

async function importRoot(
  api: DockerApi,
  root: RootToImport,
  tag: string,
  progress: Progress,
): Promise<string> {
  const { name, path } = root;
  throwIfInterrupted();
  progress(`image ${name}`, 'importing its root into Docker');
  const tar = spawn(
    'setpriv',
    [
      '--pdeathsig',
      'KILL',
      'tar',
      '--create',
      '--one-file-system',
      '--numeric-owner',
      '--directory',
      path,
      '.',
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' },
      detached: true,
    },
  );
  const ended = once(tar, 'close');
  const complaint = text(tar.stderr);
  const forget = hold('work', async () => {
    tar.kill('SIGKILL');
    await ended;
  });
  try {
    const answer = (await api.importImage(tar.stdout, {
      repo: repository,
      tag,
      ...(root.key === undefined ? { changes: `LABEL ${containerLabel}=${ownerToken()}` } : {}),
    })) as Readable;
    // Its last word is the image's id.
    const said = /"status":"(sha256:[0-9a-f]{64})/.exec(await text(answer))?.[1];
    const [exitCode] = (await ended) as [number | null];
    const why = (await complaint).trim();
    if (exitCode !== 0 && !(root.key !== undefined && exitCode === 1 && toldOfChanges(why)))
      throw new Error(why || `tar ended with ${String(exitCode)}`);
    const named = await imageId(api, `${repository}:${tag}`);
    const id = said ?? named;
    if (id === undefined) throw new Error('the daemon took it and does not have it');
    // podman 4 imports everything as `latest`, and would import it again each time.
    if (named === undefined) await api.getImage(id).tag({ repo: repository, tag });
    return id;
  } catch (cause) {
    tar.kill('SIGKILL');
    throwIfInterrupted();
    if (cause instanceof RedoubtError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RedoubtError(
      'infrastructure',
      'image-import-failed',
      `cannot import the root of ${name} into Docker: ${why}`,
      { remedy: 'See that the disk is not full and that the daemon answers.', cause },
    );
  } finally {
    forget();
  }
}
