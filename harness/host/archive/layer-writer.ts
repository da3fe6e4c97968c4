import { lstat, readdir, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';

import { resolveInRoot } from '../resolve-in-root.ts';
import type { AcceptedEntry } from './archive-tree.ts';
import { TreeWriter } from './tree-writer.ts';

/** Names by which a layer takes away what lies below it (OCI image-spec, layer.md, "Whiteouts"). */
const whiteout = '.wh.';
const opaque = '.wh..wh..opq';
const reserved = '.wh..wh.';

/**
 * Lays one layer of an image over those that lie in a folder already: what it names is replaced, what it whites out is
 * removed. A path through a link of a lower layer leads to where it would inside of the root, never outside.
 */
export class LayerWriter {
  readonly #destination: string;
  readonly #writer: TreeWriter;
  /** Paths that this layer made, with all folders on the way: its own whiteouts spare them. */
  readonly #own = new Set<string>();
  readonly #folders = new Map<string, string>();
  readonly #whiteouts: string[] = [];

  constructor(destination: string) {
    this.#destination = destination;
    this.#writer = new TreeWriter(destination);
  }

  async write(entry: AcceptedEntry, content: AsyncIterable<Buffer>): Promise<void> {
    const name = posix.basename(entry.path);
    if (name.startsWith(whiteout)) {
      this.#whiteouts.push(entry.path);
      return;
    }
    const path = await this.#inRoot(entry.path);
    const before = await lstat(join(this.#destination, path)).catch(() => undefined);
    const stays = before === undefined || (before.isDirectory() && entry.kind === 'directory');
    if (!stays) await rm(join(this.#destination, path), { recursive: true });
    if (entry.kind !== 'file') this.#folders.clear();
    for (let at = path; at !== '.' && !this.#own.has(at); at = posix.dirname(at)) this.#own.add(at);
    await this.#writer.write(
      entry.kind === 'hard-link'
        ? { ...entry, path, target: await this.#inRoot(entry.target) }
        : { ...entry, path },
      content,
    );
  }

  /** To be called after the last entry: whiteouts are about lower layers, wherever in the layer they stand. */
  async finish(): Promise<void> {
    this.#folders.clear();
    for (const path of this.#whiteouts) {
      const [folder, name] = [posix.dirname(path), posix.basename(path)];
      if (name === opaque) await this.#removeOthers(await resolveInRoot(this.#destination, folder));
      else if (!name.startsWith(reserved))
        await this.#removeLower(await this.#inRoot(posix.join(folder, name.slice(whiteout.length))));
    }
    await this.#writer.finish();
  }

  /** Where a path leads when its folders are links of a lower layer; the last name is taken as it is. */
  async #inRoot(path: string): Promise<string> {
    const folder = posix.dirname(path);
    if (folder === '.') return path;
    const known = this.#folders.get(folder);
    const resolved = known ?? (await resolveInRoot(this.#destination, folder));
    this.#folders.set(folder, resolved);
    return posix.join(resolved, posix.basename(path));
  }

  async #removeLower(path: string): Promise<void> {
    if (this.#own.has(path)) return;
    await rm(join(this.#destination, path), { recursive: true, force: true });
  }

  /** Everything in a folder that this layer did not make. */
  async #removeOthers(folder: string): Promise<void> {
    const entries = await readdir(join(this.#destination, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = posix.join(folder, entry.name);
      if (!this.#own.has(path)) await this.#removeLower(path);
      else if (entry.isDirectory()) await this.#removeOthers(path);
    }
  }
}
