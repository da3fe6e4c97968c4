import { createHash } from 'node:crypto';

import { ArchiveTree, defaultArchiveLimits, rootRules } from './archive-tree.ts';
import { LayerWriter } from './layer-writer.ts';
import { readArchive } from './read-archive.ts';
import { TreeWriter } from './tree-writer.ts';

/**
 * Unpacks a tarball that is a distro's whole root into an empty folder. Devices are left out and run bits that lend
 * rights are dropped; links stay as they are, and are not followed. Throws as `unpack` does.
 */
export async function unpackRoot(path: string, destination: string): Promise<void> {
  const tree = new ArchiveTree(path, defaultArchiveLimits, rootRules);
  const writer = new TreeWriter(destination);
  await readArchive({
    path,
    destination,
    limits: defaultArchiveLimits,
    visit: async (header, content) => {
      const accepted = tree.accept(header);
      if (accepted !== undefined) await writer.write(accepted, content);
    },
    finish: () => writer.finish(),
  });
}

/**
 * Unpacks a layer of an image over what lies in the folder, in the order of the layers; whiteouts are obeyed. Returns
 * `sha256:` and the digest of the plain tar. Throws as `unpack` does.
 */
export async function unpackLayer(path: string, destination: string): Promise<string> {
  const tree = new ArchiveTree(path, defaultArchiveLimits, rootRules);
  const writer = new LayerWriter(destination);
  const digest = createHash('sha256');
  await readArchive({
    path,
    destination,
    limits: defaultArchiveLimits,
    digest,
    visit: async (header, content) => {
      const accepted = tree.accept(header);
      if (accepted !== undefined) await writer.write(accepted, content);
    },
    finish: () => writer.finish(),
  });
  return `sha256:${digest.digest('hex')}`;
}
