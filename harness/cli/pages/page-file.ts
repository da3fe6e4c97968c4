import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

import { RedoubtError } from '../../error.ts';
import { pageSizeBytes } from '../../page/page-bytes.ts';

/** A file of whole pages: one page, or a relation's file as a server left it. */
export class PageFile implements Disposable {
  readonly path: string;
  readonly pages: number;
  readonly #descriptor: number;

  private constructor(path: string, descriptor: number, pages: number) {
    this.path = path;
    this.#descriptor = descriptor;
    this.pages = pages;
  }

  /** Throws `page-file-unreadable` or `page-file-size` (usage). */
  static open(path: string): PageFile {
    let descriptor: number | undefined;
    try {
      descriptor = openSync(path, 'r');
      const facts = fstatSync(descriptor);
      if (!facts.isFile()) throw unreadable(path, 'it is not a file');
      if (facts.size === 0 || facts.size % pageSizeBytes !== 0) throw wrongSize(path, facts.size);
      return new PageFile(path, descriptor, facts.size / pageSizeBytes);
    } catch (error) {
      if (descriptor !== undefined) closeSync(descriptor);
      throw error instanceof RedoubtError ? error : unreadable(path, String(error), error);
    }
  }

  /** One page. Throws `block-missing` (usage) when the file has fewer. */
  page(block: number): Buffer {
    if (block >= this.pages) {
      throw new RedoubtError(
        'usage',
        'block-missing',
        `${this.path} has ${countOf(this.pages, 'page')}: there is no block ${block}`,
        { remedy: `Blocks count from 0: the last one is ${this.pages - 1}.` },
      );
    }
    return this.read(block, 1, Buffer.allocUnsafe(pageSizeBytes));
  }

  /** `count` pages from `block` on, which must exist, to the start of `target`. */
  read(block: number, count: number, target: Buffer): Buffer {
    const bytes = count * pageSizeBytes;
    try {
      if (readSync(this.#descriptor, target, 0, bytes, block * pageSizeBytes) === bytes) {
        return target.subarray(0, bytes);
      }
    } catch (error) {
      throw unreadable(this.path, String(error), error);
    }
    throw unreadable(this.path, 'it has become shorter while it was read');
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}

/** `1 page`, `3 pages`. */
export function countOf(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

function unreadable(path: string, why: string, cause?: unknown): RedoubtError {
  return new RedoubtError('usage', 'page-file-unreadable', `cannot read pages from ${path}: ${why}`, {
    remedy: 'Name a file of 8,192-byte pages, or a tape.',
    cause,
  });
}

function wrongSize(path: string, bytes: number): RedoubtError {
  const whole = Math.floor(bytes / pageSizeBytes);
  const rest = bytes - whole * pageSizeBytes;
  const found = bytes === 0 ? 'it is empty' : `${countOf(whole, 'page')} and ${countOf(rest, 'byte')} more`;
  return new RedoubtError(
    'usage',
    'page-file-size',
    `${path} does not hold whole pages of 8,192 bytes: ${found}`,
    { remedy: 'The file is cut or is no page file; take it again.', details: { path, bytes } },
  );
}
