import { posix } from 'node:path';

import type { Mount, ProcessSpec } from '../engine.ts';

/** What of a process leads to folders of the machine. */
export type FolderedSpec = Pick<ProcessSpec, 'argv' | 'env' | 'chroot' | 'mounts'>;

/** The folders of the machine that processes in the guest need, each of which becomes a disk, once. */
export class GuestFolders {
  readonly #sources: string[] = [];

  /** Where the guest has a folder of the machine. */
  placeOf(source: string): string {
    if (!this.#sources.includes(source)) this.#sources.push(source);
    return posix.join('/folders', String(this.#sources.indexOf(source)));
  }

  /** The same process with the guest's places instead of the machine's. Only read-only mounts can be had. */
  placed({ argv, env, chroot, mounts = [] }: FolderedSpec): FolderedSpec {
    return {
      argv,
      ...(env === undefined ? {} : { env }),
      ...(chroot === undefined ? {} : { chroot: this.placeOf(chroot) }),
      mounts: mounts.map(({ source, target }): Mount => ({
        source: this.placeOf(source),
        target,
        readOnly: true,
      })),
    };
  }

  /** In the order of their places. */
  get sources(): readonly string[] {
    return this.#sources;
  }
}
