import { pageSizeBytes } from './page-bytes.ts';

/** A labelled byte range of a page: PostgreSQL's own field name, and for tuples `of item N`. */
export interface Field {
  readonly offset: number;
  readonly length: number;
  readonly name: string;
}

/**
 * Collects labels for a page. The first label that claims a byte keeps it, so overlapping tuples of a damaged page do
 * no harm; bytes that nobody claims become `defaultName`. The result covers the page without gap or overlap.
 */
export class FieldMap {
  readonly sizeBytes = pageSizeBytes;
  readonly #owners = new Int16Array(pageSizeBytes).fill(-1);
  readonly #names: string[] = [];

  /** Labels what is still free of `[offset, offset + length)`; the part beyond the page is ignored. */
  claim(offset: number, length: number, name: string): void {
    const owner = this.#names.push(name) - 1;
    const end = Math.min(offset + length, pageSizeBytes);
    for (let at = Math.max(offset, 0); at < end; at++) {
      if (this.#owners[at] === -1) {
        this.#owners[at] = owner;
      }
    }
  }

  /** Labels consecutive fields from `offset` on, cut off at `limit`; returns where they end. */
  claimAll(
    offset: number,
    limit: number,
    fields: readonly (readonly [name: string, length: number])[],
  ): number {
    let at = offset;
    for (const [name, length] of fields) {
      this.claim(at, Math.min(length, limit - at), name);
      at = Math.min(at + length, limit);
    }
    return at;
  }

  /** Labels `count` elements of an array, `name[0]` and so on; returns where it ends. */
  claimArray(offset: number, elementSizeBytes: number, count: number, name: string): number {
    for (let index = 0; index < count; index++) {
      this.claim(offset + index * elementSizeBytes, elementSizeBytes, `${name}[${index}]`);
    }
    return offset + count * elementSizeBytes;
  }

  /** All ranges in order of offset, one for each uninterrupted run of one label. */
  fields(defaultName: string): readonly Field[] {
    const result: Field[] = [];
    let start = 0;
    for (let at = 1; at <= pageSizeBytes; at++) {
      const owner = this.#owners[start]!;
      if (at === pageSizeBytes || this.#owners[at] !== owner) {
        result.push({ offset: start, length: at - start, name: this.#names[owner] ?? defaultName });
        start = at;
      }
    }
    return result;
  }
}
