/** Where the pages of one kind of status were when the WAL began; undefined for one that did not exist. */
export type SlruSource = (page: number) => Buffer | undefined;

/** One page of a folder of statuses as it is in the end. */
export interface SlruPage {
  readonly page: number;
  readonly bytes: Buffer;
}

const pageBytes = 8192;

/** The pages of pg_xact or of one half of pg_multixact, changed by records (access/slru.h, 14-18). */
export class SlruPages {
  readonly #source: SlruSource;
  readonly #pages = new Map<number, Buffer>();

  constructor(source: SlruSource) {
    this.#source = source;
  }

  /** The page to be changed: as it was, or zeros. */
  page(number: number): Buffer {
    const known = this.#pages.get(number);
    if (known !== undefined) return known;
    const made = Buffer.alloc(pageBytes);
    this.#source(number)?.copy(made);
    this.#pages.set(number, made);
    return made;
  }

  zero(number: number): void {
    this.#pages.set(number, Buffer.alloc(pageBytes));
  }

  /** The pages that were changed, in order. */
  changed(): readonly SlruPage[] {
    return [...this.#pages]
      .map(([page, bytes]) => ({ page, bytes }))
      .toSorted((left, right) => left.page - right.page);
  }
}
