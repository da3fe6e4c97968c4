import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { execa } from 'execa';

import { type BundleInventory, takeInventory } from '../../harness/bundle/inventory/bundle-inventory.ts';
import { FolderTree } from '../../harness/bundle/inventory/folder-tree.ts';
import type { FileTree } from '../../harness/bundle/inventory/file-tree.ts';
import { majorFiles } from '../../harness/bundle/files/major-files.ts';
import type { FileFaultCode } from '../../harness/bundle/files/file-fault.ts';
import type { BundleLayout } from '../../harness/bundle/layout.ts';
import { filePromises } from '../../suites/contract/file-promises.ts';

/** What a look at a tree of files found: which promise, with which code, in which words. */
export interface Found {
  readonly promise: string;
  readonly code: FileFaultCode;
  readonly message: string;
}

/** Examines every promise about files of one major of an unpacked bundle. */
export function examineFiles(
  directory: string,
  layout: BundleLayout,
  major: number,
  host?: FileTree,
): readonly Found[] {
  return examineInventory(takeInventory(layout, new FolderTree(directory)), major, host);
}

/** The same of an inventory that is taken already. */
export function examineInventory(
  inventory: BundleInventory,
  major: number,
  host?: FileTree,
): readonly Found[] {
  const files = majorFiles(inventory, major, host);
  return filePromises
    .filter(({ layouts }) => layouts.includes(inventory.layout))
    .flatMap(({ id, rules }) =>
      rules.flatMap((rule) => rule(files)).map(({ code, message }) => ({ promise: id, code, message })),
    );
}

/** A copy of a folder whose files are hard links; each is to be replaced, never written into. */
export async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await execa('cp', ['--archive', '--link', from, to]);
}

const keptLocales: readonly string[] = ['C.utf8', 'de_DE.utf8'];

/** A reference bundle of one major with two locales only: whole in every other respect, and quick to copy. */
export async function smallReference(reference: string, major: number, to: string): Promise<void> {
  await mkdir(join(to, 'storage'), { recursive: true });
  for (const name of await readdir(reference))
    if (name !== 'storage') await linkTree(join(reference, name), join(to, name));
  for (const name of ['busybox', 'manifest.json'])
    await linkTree(join(reference, 'storage', name), join(to, 'storage', name));
  const own = join('storage', `v${String(major)}`);
  await mkdir(join(to, own, 'lc'), { recursive: true });
  for (const name of await readdir(join(reference, own)))
    if (name !== 'lc') await linkTree(join(reference, own, name), join(to, own, name));
  for (const name of keptLocales) {
    // Locales share files by links to one another.
    const locale = join(own, 'lc', name);
    await execa('cp', ['--recursive', '--dereference', join(reference, locale), join(to, locale)]);
  }
}

/** A tree that a test breaks; paths are relative to it. */
export class Breakable {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  async remove(path: string): Promise<void> {
    await lstat(this.#full(path));
    await rm(this.#full(path), { recursive: true });
  }

  async move(from: string, to: string): Promise<void> {
    await mkdir(dirname(this.#full(to)), { recursive: true });
    await rename(this.#full(from), this.#full(to));
  }

  /** Takes a file of another tree in the place of one of this. */
  async take(source: string, path: string): Promise<void> {
    await rm(this.#full(path), { force: true });
    await cp(source, this.#full(path));
  }

  async write(path: string, content: Buffer | string, mode = 0o644): Promise<void> {
    await mkdir(dirname(this.#full(path)), { recursive: true });
    await rm(this.#full(path), { force: true });
    await writeFile(this.#full(path), content);
    await chmod(this.#full(path), mode);
  }

  async link(path: string, target: string): Promise<void> {
    await mkdir(dirname(this.#full(path)), { recursive: true });
    await rm(this.#full(path), { force: true });
    await symlink(target, this.#full(path));
  }

  /** Another mode; of a copy, for the mode belongs to all names of a file. */
  async mode(path: string, mode: number): Promise<void> {
    await this.alter(path, (bytes) => bytes, mode);
  }

  /** Other bytes in the place of a file's. */
  async alter(path: string, change: (bytes: Buffer) => Buffer, mode?: number): Promise<void> {
    const full = this.#full(path);
    const bytes = change(await readFile(full));
    await this.write(path, bytes, mode ?? (await lstat(full)).mode & 0o7777);
  }

  #full(path: string): string {
    return join(this.directory, path);
  }
}

/** Writes one text over another of at least its length, in place, once. */
export function overwrite(from: string, to: string): (bytes: Buffer) => Buffer {
  return (bytes) => {
    const at = bytes.indexOf(`${from}\0`);
    if (at < 0 || to.length > from.length) throw new Error(`cannot write ${to} over ${from}`);
    const changed = Buffer.from(bytes);
    changed.fill(0, at, at + from.length);
    changed.write(to, at, 'latin1');
    return changed;
  };
}

/** Raises the kernel in an ELF file's ABI note. */
export function withKernelFloor(...version: readonly [number, number, number]): (bytes: Buffer) => Buffer {
  return (bytes) => {
    // Owner "GNU" of 4 bytes, content of 16, type 1, Linux.
    const note = Buffer.from('040000001000000001000000474e550000000000', 'hex');
    const at = bytes.indexOf(note);
    if (at < 0) throw new Error('the file has no ABI note');
    const changed = Buffer.from(bytes);
    version.forEach((part, index) => changed.writeUInt32LE(part, at + note.length + 4 * index));
    return changed;
  };
}

/** Says that an ELF file is for another machine. */
export function forMachine(machine: number): (bytes: Buffer) => Buffer {
  return (bytes) => {
    const changed = Buffer.from(bytes);
    changed.writeUInt16LE(machine, 18);
    return changed;
  };
}
