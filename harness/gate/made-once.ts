import { rm } from 'node:fs/promises';

/** What was made of one major on one host: by which key it is known, and its folders. */
interface Made {
  readonly key: string;
  readonly folders: readonly string[];
}

/** What many checks of a run ask for, and is made once; what was made of a host can be given back. */
export class MadeOnce {
  readonly #makings = new Map<string, Promise<unknown>>();
  readonly #ofHosts = new Map<string, Made[]>();

  /** What goes by a key: made now, or when it was first asked for. */
  of<T>(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#makings.get(key);
    if (known !== undefined) return known as Promise<T>;
    const made = make();
    this.#makings.set(key, made);
    return made;
  }

  /** The same for what is made of one major on one host, in folders that go when it is released. */
  onHost<T>(
    [major, hostName]: readonly [major: number, hostName: string],
    made: Made,
    make: () => Promise<T>,
  ): Promise<T> {
    if (!this.#makings.has(made.key)) {
      const owner = ownerOf(major, hostName);
      this.#ofHosts.set(owner, [...(this.#ofHosts.get(owner) ?? []), made]);
    }
    return this.of(made.key, make);
  }

  /** Gives back what was made of a major on a host: nobody asks for it any more, or it is made anew. */
  async release(major: number, hostName: string): Promise<void> {
    const owner = ownerOf(major, hostName);
    for (const { key, folders } of this.#ofHosts.get(owner) ?? []) {
      await this.#makings.get(key)?.catch(() => undefined);
      this.#makings.delete(key);
      for (const folder of folders) await rm(folder, { recursive: true, force: true });
    }
    this.#ofHosts.delete(owner);
  }
}

function ownerOf(major: number, hostName: string): string {
  return `${String(major)} ${hostName}`;
}
