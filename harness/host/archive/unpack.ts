import { type ArchiveLimits, ArchiveTree, defaultArchiveLimits } from './archive-tree.ts';
import { readArchive } from './read-archive.ts';
import { TreeWriter } from './tree-writer.ts';

/**
 * Unpacks a tarball into an empty folder. Refuses, naming the entry, what would write or lead outside, what is no plain
 * file, folder or link, and what asks for more than `limits`; nothing is ever written outside, but the caller removes
 * the folder when this throws. Returns the names of absolute links: only a bundle that is chrooted into may have them.
 */
export async function unpack(
  path: string,
  destination: string,
  limits: ArchiveLimits = defaultArchiveLimits,
): Promise<readonly string[]> {
  const tree = new ArchiveTree(path, limits);
  const writer = new TreeWriter(destination);
  await readArchive({
    path,
    destination,
    limits,
    visit: async (header, content) => {
      const accepted = tree.accept(header);
      if (accepted !== undefined) await writer.write(accepted, content);
    },
    finish: async () => {
      tree.checkLinks();
      await writer.finish();
    },
  });
  return tree.absoluteLinks;
}
