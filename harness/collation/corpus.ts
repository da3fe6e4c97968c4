/**
 * Strings to be put in order, in sections. The order of the strings is that of how everyday they are: an example is the
 * first that there is.
 */
export interface CollationCorpus {
  /** UTF-8, each string ended by a NUL byte. */
  readonly bytes: Uint8Array;
  /** Where each string begins, and where the last ends. */
  readonly offsets: Uint32Array;
  readonly count: number;
  readonly sections: readonly CorpusSection[];
  /** For each string the number of its section. */
  readonly sectionOf: Uint8Array;
}

export interface CorpusSection {
  readonly name: string;
  readonly kind: SectionKind;
  /** The first string, and the one behind the last. */
  readonly begin: number;
  readonly end: number;
  /** What each string of a pattern is about; empty for others. */
  readonly subjects: Uint32Array;
}

/**
 * `own`: the user's strings; `everyday` text as people store it; `systematic` strings that go through all of something small (every pair of ASCII
 * characters); `pattern`: every assigned code point in one place of a pattern.
 */
export type SectionKind = 'own' | 'everyday' | 'systematic' | 'pattern';

/** The text of one string. */
export function stringAt({ bytes, offsets }: CollationCorpus, index: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'utf8',
    offsets[index],
    (offsets[index + 1] ?? 1) - 1,
  );
}

/** Puts a corpus together, section by section, of the strings that `accepts` takes. */
export class CorpusBuilder {
  readonly #accepts: (text: string) => boolean;
  #bytes = Buffer.alloc(2 ** 20);
  #length = 0;
  #offsets = new Uint32Array(2 ** 16);
  #count = 0;
  readonly #sections: CorpusSection[] = [];

  constructor(accepts: (text: string) => boolean = () => true) {
    this.#accepts = accepts;
  }

  /** Adds strings as they are; one that holds a NUL character would be two, and is left out, as PostgreSQL refuses it. */
  addStrings(name: string, kind: Exclude<SectionKind, 'pattern'>, strings: Iterable<string>): this {
    const begin = this.#count;
    for (const text of strings) if (!text.includes('\0') && this.#accepts(text)) this.#add(text);
    this.#sections.push({ name, kind, begin, end: this.#count, subjects: new Uint32Array(0) });
    return this;
  }

  /** Adds one string for each code point. */
  addPattern(name: string, codePoints: Uint32Array, text: (character: string) => string): this {
    const begin = this.#count;
    const subjects = codePoints.filter((codePoint) => this.#accepts(text(String.fromCodePoint(codePoint))));
    for (const codePoint of subjects) this.#add(text(String.fromCodePoint(codePoint)));
    this.#sections.push({ name, kind: 'pattern', begin, end: this.#count, subjects });
    return this;
  }

  build(): CollationCorpus {
    const sectionOf = new Uint8Array(this.#count);
    this.#sections.forEach(({ begin, end }, number) => sectionOf.fill(number, begin, end));
    const offsets = this.#offsets.slice(0, this.#count + 1);
    offsets[this.#count] = this.#length;
    return {
      bytes: this.#bytes.subarray(0, this.#length),
      offsets,
      count: this.#count,
      sections: this.#sections,
      sectionOf,
    };
  }

  #add(text: string): void {
    // A UTF-16 unit takes three bytes of UTF-8 at most.
    const most = this.#length + 3 * text.length + 1;
    if (most > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], 2 * most);
    if (this.#count + 2 > this.#offsets.length) {
      const larger = new Uint32Array(2 * this.#offsets.length);
      larger.set(this.#offsets);
      this.#offsets = larger;
    }
    this.#offsets[this.#count] = this.#length;
    this.#length += this.#bytes.write(text, this.#length, 'utf8');
    this.#bytes[this.#length] = 0;
    this.#length += 1;
    this.#count += 1;
  }
}
