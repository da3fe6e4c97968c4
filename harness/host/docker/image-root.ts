import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { RedoubtError } from '../../error.ts';
import { openImageFolder } from '../archive-root.ts';
import { interruption, throwIfInterrupted } from '../interruption.ts';
import type { Progress } from '../progress.ts';
import type { RootFacts } from '../root-facts.ts';
import { systemError } from '../system-error.ts';
import { connectDocker, type DockerApi, mayHaveDocker } from './docker-client.ts';
import { imageId } from './docker-image.ts';

/** The root of an image that a daemon has. */
export interface ImageRoot extends RootFacts {
  /** The folder that becomes `/`. */
  readonly path: string;
  /** `sha256:` and hexadecimal digits. */
  readonly imageId: string;
}

/** How long a registry may say nothing, for a host that a run can do without and for one that was asked for. */
const silenceMs = { optional: 5000, required: 60_000 } as const;

const usualRegistry = "the daemon's usual registry";

/** What containers/image says of a registry with which it cannot begin to talk. */
const unreachableWords = /pinging container registry .*: dial tcp/;

/** Why registries could not be reached by this process: each is tried once. */
const unreachableRegistries = new Map<string, string>();

/**
 * The root of an image by its reference: out of the daemon that runs on this machine, pulled if it does not have it yet.
 * Its layers are saved and unpacked into the cache once. Returns the reason in words when it cannot be had: no daemon, no
 * such image, no registry that answers. Throws what unpacking throws.
 */
export async function ensureImageRoot(
  reference: string,
  urgency: keyof typeof silenceMs,
  progress: Progress,
): Promise<ImageRoot | string> {
  if (!mayHaveDocker()) return 'it comes as an image, and no Docker daemon runs here';
  const client = await connectDocker().catch((error: unknown) => systemError('cannot use Docker', error));
  if (client instanceof RedoubtError) return `it comes as an image, and ${client.message}`;
  const { api } = client;
  const local = await imageId(api, reference);
  const id = local ?? (await pull(api, reference, silenceMs[urgency], progress));
  if (!id.startsWith('sha256:')) return id;
  const key = id.slice('sha256:'.length);
  const root = await openImageFolder(
    key,
    `image ${reference}`,
    (directory) => save(api, reference, id, directory, progress),
    progress,
  );
  return { ...root, imageId: id };
}

/** The id of the image, or why it cannot be had. */
async function pull(
  api: DockerApi,
  reference: string,
  patienceMs: number,
  progress: Progress,
): Promise<string> {
  const registry = registryOf(reference);
  const known = unreachableRegistries.get(registry);
  if (known !== undefined) return known;
  progress(`image ${reference}`, 'pulling it');
  const abort = new AbortController();
  const signal = AbortSignal.any([abort.signal, interruption]);
  let timer = setTimeout(() => abort.abort(), patienceMs);
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(), patienceMs);
  };
  try {
    const answer = (await api.pull(reference, { abortSignal: signal })) as Readable;
    const complaint = await lastComplaint(answer, heard);
    const id = await imageId(api, reference);
    if (id !== undefined) return id;
    // podman answers first, and says then that nobody is there.
    if (complaint !== undefined && unreachableWords.test(complaint)) return unreachable(registry, complaint);
    return `${reference} cannot be pulled: ${complaint ?? 'the daemon does not say why'}`;
  } catch (error) {
    throwIfInterrupted();
    const { statusCode, message } = error as { readonly statusCode?: number; readonly message?: string };
    const why = abort.signal.aborted
      ? `no answer within ${String(patienceMs / 1000)} s`
      : String(message).trim();
    // 404: the registry answers, and has no such image.
    if (statusCode === 404) return `${reference} cannot be pulled: ${why}`;
    return unreachable(registry, why);
  } finally {
    clearTimeout(timer);
  }
}

/** Says, and keeps for the next image, that a registry cannot be reached. */
function unreachable(registry: string, why: string): string {
  const where = registry === usualRegistry ? registry : `the registry ${registry}`;
  const reason = `it comes as an image, and ${where} cannot be reached (${why})`;
  unreachableRegistries.set(registry, reason);
  return reason;
}

async function lastComplaint(answer: Readable, heard: () => void): Promise<string | undefined> {
  let complaint: string | undefined;
  let rest = '';
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    heard();
    const lines = `${rest}${chunk.toString('utf8')}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.trim().startsWith('{')) continue;
      const { error } = JSON.parse(line) as { readonly error?: string };
      complaint = error ?? complaint;
    }
  }
  return complaint;
}

/** As Docker reads a reference: its first word is a registry when it looks like a host; else it is the daemon's usual one. */
export function registryOf(reference: string): string {
  const [first = '', ...others] = reference.split('/');
  return others.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? first : usualRegistry;
}

/** Writes what `docker save` writes into a file in `directory`; returns its path. */
async function save(
  api: DockerApi,
  reference: string,
  id: string,
  directory: string,
  progress: Progress,
): Promise<string> {
  progress(`image ${reference}`, 'taking its root out of Docker');
  const path = join(directory, 'saved.tar');
  const stream = (await api.getImage(id).get()) as Readable;
  await pipeline(stream, createWriteStream(path), { signal: interruption });
  return path;
}
