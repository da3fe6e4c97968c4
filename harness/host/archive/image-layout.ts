import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { z } from 'zod';

import { RedoubtError } from '../../error.ts';
import { resolveInRoot } from '../resolve-in-root.ts';

/** One layer of an image, lowest first: its tarball on this machine, and the digest of the tar when it is not compressed. */
export interface ImageLayer {
  readonly path: string;
  /** `sha256:` and hexadecimal digits. */
  readonly diffId: string;
}

/** An image that lies in a folder, as `docker save` or an OCI tool laid it out. */
export interface ImageLayout {
  /** As it is named in there; empty when it is not. */
  readonly reference: string;
  readonly layers: readonly ImageLayer[];
}

const digestPattern = /^sha256:[0-9a-f]{64}$/;
const descriptor = z.object({
  mediaType: z.string().optional(),
  digest: z.string().regex(digestPattern),
  size: z.number().int().nonnegative(),
  platform: z.object({ os: z.string(), architecture: z.string() }).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
type Descriptor = z.infer<typeof descriptor>;
const index = z.object({ manifests: z.array(descriptor) });
const manifest = z.object({ config: descriptor, layers: z.array(descriptor) });
const config = z.object({
  architecture: z.string(),
  os: z.string(),
  rootfs: z.object({ diff_ids: z.array(z.string().regex(digestPattern)) }),
});
const savedImages = z.array(
  z.object({
    Config: z.string(),
    RepoTags: z.array(z.string()).nullish(),
    Layers: z.array(z.string()),
  }),
);

/** An index may name an index; deeper than this it is a game. */
const mostNesting = 4;
const mostDocumentBytes = 16 * 2 ** 20;
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Whether a folder holds an image (an OCI layout, or what `docker save` writes) rather than a root. */
export async function isImageLayout(directory: string): Promise<boolean> {
  return (
    (await isFile(join(directory, 'oci-layout'))) ||
    ((await isFile(join(directory, 'manifest.json'))) && !(await exists(join(directory, 'usr'))))
  );
}

/**
 * Reads what an image in a folder is made of and checks every document's digest; the layers' own are checked as they are
 * unpacked. Throws `image-damaged`, `image-ambiguous` for several images and `image-platform` for one of another machine
 * (usage).
 */
export async function readImageLayout(directory: string): Promise<ImageLayout> {
  return (await isFile(join(directory, 'oci-layout'))) ? readOci(directory) : readSaved(directory);
}

/** The error for an image archive that contradicts itself. */
export function imageDamaged(what: string): RedoubtError {
  return new RedoubtError('usage', 'image-damaged', `the image is damaged: ${what}`, {
    remedy: 'Save it anew (docker save, skopeo copy).',
  });
}

async function readOci(directory: string): Promise<ImageLayout> {
  const top = parse(index, await readDocument(directory, 'index.json'), 'index.json');
  const found = await findManifest(directory, top.manifests, mostNesting);
  const { layers, config: configDescriptor } = parse(
    manifest,
    await readBlob(directory, found),
    found.digest,
  );
  const diffIds = await readDiffIds(await readBlob(directory, configDescriptor), configDescriptor.digest);
  requireSameCount(layers.length, diffIds.length);
  const paths = await Promise.all(
    layers.map(async (layer) => {
      const path = await blobPath(directory, layer.digest);
      await requireDigest(path, layer.digest);
      return path;
    }),
  );
  const reference =
    found.annotations?.['io.containerd.image.name'] ??
    found.annotations?.['org.opencontainers.image.ref.name'] ??
    '';
  return { reference, layers: paths.map((path, at) => ({ path, diffId: diffIds[at] ?? '' })) };
}

async function findManifest(
  directory: string,
  all: readonly Descriptor[],
  nestingLeft: number,
): Promise<Descriptor> {
  const wanted = architectures[process.arch] ?? process.arch;
  const fitting = all.filter(
    ({ platform }) => platform === undefined || (platform.os === 'linux' && platform.architecture === wanted),
  );
  const [first, ...others] = fitting;
  if (first === undefined) throw otherPlatform(all.map(({ platform }) => platformWords(platform)).join(', '));
  if (others.length > 0) throw ambiguous(fitting.length);
  const isIndex = /index|manifest\.list/.test(first.mediaType ?? '');
  if (!isIndex) return first;
  if (nestingLeft === 0) throw imageDamaged('its indexes lead from one to the next');
  const inner = parse(index, await readBlob(directory, first), first.digest);
  return findManifest(
    directory,
    inner.manifests.map((each) => ({ ...each, annotations: each.annotations ?? first.annotations })),
    nestingLeft - 1,
  );
}

/** docker-save(1): manifest.json names the configuration, itself named after its digest, and the layers. */
async function readSaved(directory: string): Promise<ImageLayout> {
  const images = parse(savedImages, await readDocument(directory, 'manifest.json'), 'manifest.json');
  const [image, ...others] = images;
  if (image === undefined) throw imageDamaged('manifest.json names no image');
  if (others.length > 0) throw ambiguous(images.length);
  const configText = await readDocument(directory, image.Config);
  const digest = /([0-9a-f]{64})(\.json)?$/.exec(image.Config)?.[1] ?? '';
  if (createHash('sha256').update(configText).digest('hex') !== digest) {
    throw imageDamaged(`the digest of ${image.Config} is another one`);
  }
  const diffIds = await readDiffIds(configText, image.Config);
  requireSameCount(image.Layers.length, diffIds.length);
  const layers = await Promise.all(
    image.Layers.map(async (name, at) => ({
      path: join(directory, await resolveInRoot(directory, name)),
      diffId: diffIds[at] ?? '',
    })),
  );
  return { reference: image.RepoTags?.[0] ?? '', layers };
}

async function readDiffIds(text: Buffer, name: string): Promise<readonly string[]> {
  const { os, architecture, rootfs } = parse(config, text, name);
  if (os !== 'linux' || architecture !== (architectures[process.arch] ?? process.arch)) {
    throw otherPlatform(`${os}/${architecture}`);
  }
  return rootfs.diff_ids;
}

async function readBlob(directory: string, { digest }: Descriptor): Promise<Buffer> {
  const path = await blobPath(directory, digest);
  await requireDigest(path, digest);
  return readDocument(directory, `blobs/sha256/${digest.slice('sha256:'.length)}`);
}

async function blobPath(directory: string, digest: string): Promise<string> {
  const name = `blobs/sha256/${digest.slice('sha256:'.length)}`;
  const path = join(directory, await resolveInRoot(directory, name));
  if (!(await isFile(path))) throw imageDamaged(`${name} is not in it`);
  return path;
}

async function requireDigest(path: string, digest: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  if (`sha256:${hash.digest('hex')}` !== digest) throw imageDamaged(`the digest of ${digest} is another one`);
}

async function readDocument(directory: string, name: string): Promise<Buffer> {
  const path = join(directory, await resolveInRoot(directory, name));
  const stats = await lstat(path).catch(() => undefined);
  if (stats?.isFile() !== true) throw imageDamaged(`${name} is not in it`);
  if (stats.size > mostDocumentBytes) throw imageDamaged(`${name} has ${String(stats.size)} bytes`);
  return readFile(path);
}

function parse<Value>(schema: z.ZodType<Value>, text: Buffer, name: string): Value {
  let value: unknown;
  try {
    value = JSON.parse(text.toString('utf8'));
  } catch {
    throw imageDamaged(`${name} is no JSON`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw imageDamaged(`${name}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}

function requireSameCount(layers: number, diffIds: number): void {
  if (layers !== diffIds)
    throw imageDamaged(`it has ${String(layers)} layers and ${String(diffIds)} digests of them`);
}

function ambiguous(count: number): RedoubtError {
  return new RedoubtError('usage', 'image-ambiguous', `the archive holds ${String(count)} images, not one`, {
    remedy: 'Save one image, under one name, for one platform.',
  });
}

function otherPlatform(found: string): RedoubtError {
  return new RedoubtError('usage', 'image-platform', `the image is for ${found || 'no platform at all'}`, {
    remedy: `Save the image for linux/${architectures[process.arch] ?? process.arch}.`,
  });
}

function platformWords(platform: Descriptor['platform']): string {
  return platform === undefined ? 'any' : `${platform.os}/${platform.architecture}`;
}

async function isFile(path: string): Promise<boolean> {
  return lstat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
