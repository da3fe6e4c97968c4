import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';

import { pack } from 'tar-stream';

type EntryHeader = Parameters<ReturnType<typeof pack>['entry']>[0];

/** One entry of a tarball, with its content when it is a file. */
export interface TarEntry extends EntryHeader {
  readonly content?: string | Buffer;
}

/** A plain tar of these entries, written by another hand than the one that reads it. */
export async function tarOf(...entries: readonly TarEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...header } of entries) archive.entry(header, content ?? '');
  archive.finalize();
  return buffer(archive);
}

export type LayerCompression = 'none' | 'gzip' | 'zstd';

/** What of an image a test may spoil. */
export interface ImageFaults {
  readonly architecture?: string;
  /** Replaces the bytes of a blob after its digest was taken; by its name, `layer 0`, `config`, `manifest`. */
  readonly swap?: Readonly<Record<string, Buffer>>;
  /** Claimed instead of the layers' true digests. */
  readonly diffIds?: readonly string[];
  /** How often the manifest is named. */
  readonly copies?: number;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function configOf(layers: readonly Buffer[], { architecture = 'amd64', diffIds }: ImageFaults): Buffer {
  return json({
    architecture,
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: diffIds ?? layers.map((layer) => `sha256:${sha256(layer)}`) },
  });
}

/** An OCI image layout (image-spec, image-layout.md) as the entries of an archive. */
export function ociImage(
  layers: readonly Buffer[],
  compression: LayerCompression = 'none',
  faults: ImageFaults = {},
): readonly TarEntry[] {
  const compress = { none: (bytes: Buffer) => bytes, gzip: gzipSync, zstd: zstdCompressSync }[compression];
  const blobs: TarEntry[] = [];
  const add = (name: string, bytes: Buffer): { readonly digest: string; readonly size: number } => {
    const hex = sha256(bytes);
    blobs.push({ name: `blobs/sha256/${hex}`, content: faults.swap?.[name] ?? bytes });
    return { digest: `sha256:${hex}`, size: bytes.length };
  };
  const config = add('config', configOf(layers, faults));
  const own = layers.map((layer, at) => add(`layer ${String(at)}`, compress(layer)));
  const manifest = add(
    'manifest',
    json({
      schemaVersion: 2,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: own,
    }),
  );
  const index = {
    schemaVersion: 2,
    manifests: Array.from({ length: faults.copies ?? 1 }, () => ({
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      ...manifest,
    })),
  };
  return [
    { name: 'oci-layout', content: json({ imageLayoutVersion: '1.0.0' }) },
    { name: 'index.json', content: json(index) },
    ...blobs,
  ];
}

/** What `docker save` wrote before Docker 25, as the entries of an archive. */
export function savedImage(layers: readonly Buffer[], faults: ImageFaults = {}): readonly TarEntry[] {
  const config = configOf(layers, faults);
  const configName = `${sha256(config)}.json`;
  const names = layers.map((_, at) => `${String(at).repeat(8)}/layer.tar`);
  const image = { Config: configName, RepoTags: ['redoubt/test:1'], Layers: names };
  return [
    { name: configName, content: faults.swap?.['config'] ?? config },
    ...layers.map((layer, at) => ({
      name: names[at] ?? '',
      content: faults.swap?.[`layer ${String(at)}`] ?? layer,
    })),
    { name: 'manifest.json', content: json(Array.from({ length: faults.copies ?? 1 }, () => image)) },
  ];
}
