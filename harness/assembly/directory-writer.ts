import {
  chownSync,
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { serverUid } from '../compute/server-uid.ts';
import { systemError } from '../host/system-error.ts';

/** Writes files of a data directory that belong to the server. Every method throws what a full disk or a missing right is. */
export class DirectoryWriter {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Makes a folder and those above it. */
  folder(path: string): void {
    this.#attempt(path, (whole) => {
      if (existsSync(whole)) return;
      if (!existsSync(dirname(whole))) this.folder(dirname(path));
      mkdirSync(whole, { mode: 0o700 });
      chownSync(whole, serverUid, serverUid);
    });
  }

  file(path: string, bytes: Buffer | string): void {
    this.#attempt(path, (whole) => {
      writeFileSync(whole, bytes, { mode: 0o600 });
      chownSync(whole, serverUid, serverUid);
    });
  }

  /** Writes into a file, there or not, that is made `lengthBytes` long: cut to `keptBytes` first, zeros behind them. */
  patch(
    path: string,
    { keptBytes, lengthBytes }: { readonly keptBytes: number; readonly lengthBytes: number },
    parts: Iterable<{ readonly offsetBytes: number; readonly bytes: Buffer }>,
  ): void {
    this.#attempt(path, (whole) => {
      const isNew = !existsSync(whole);
      const descriptor = openSync(whole, isNew ? 'wx' : 'r+', 0o600);
      try {
        ftruncateSync(descriptor, isNew ? 0 : Math.min(keptBytes, lengthBytes));
        ftruncateSync(descriptor, lengthBytes);
        for (const { offsetBytes, bytes } of parts)
          for (let done = 0; done < bytes.length;)
            done += writeSync(descriptor, bytes, done, bytes.length - done, offsetBytes + done);
      } finally {
        closeSync(descriptor);
      }
      if (isNew) chownSync(whole, serverUid, serverUid);
    });
  }

  remove(path: string): void {
    this.#attempt(path, (whole) => {
      rmSync(whole, { recursive: true, force: true });
    });
  }

  #attempt(path: string, write: (whole: string) => void): void {
    const whole = join(this.#directory, path);
    try {
      write(whole);
    } catch (error) {
      throw systemError(`cannot write ${whole}`, error);
    }
  }
}
