import type { RedoubtError } from '../../error.ts';
import { refuse, showName } from './archive-refusal.ts';
import { notATarball } from './not-a-tarball.ts';
import { readPaxRecords } from './pax-records.ts';
import { readTarNumber } from './tar-number.ts';

const blockBytes = 512;
/** More than any name and any honest set of attributes takes. */
const mostExtensionBytes = 64 * 1024;
const checksumField = { start: 148, end: 156 };
interface NumberField {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly least: bigint;
  readonly most: bigint;
}

const sizeField: NumberField = {
  name: 'size',
  start: 124,
  end: 136,
  least: 0n,
  most: BigInt(Number.MAX_SAFE_INTEGER),
};
/** What is not needed here, or only in parts, and must be what Linux has for who reads all of it. */
const otherNumbers: readonly NumberField[] = [
  { name: 'mode', start: 100, end: 108, least: 0n, most: 0o7777777n },
  { name: 'owner', start: 108, end: 116, least: 0n, most: 2n ** 32n - 2n },
  { name: 'group', start: 116, end: 124, least: 0n, most: 2n ** 32n - 2n },
  { name: 'time', start: 136, end: 148, least: -(2n ** 40n), most: 2n ** 40n },
];

/** Headers about the next entry, and the global one, which is about all that follow. */
const extensions = new Set(['x', 'g', 'K', 'L', 'N']);
const globalHeader = 'g';
/** Links, devices, folders, fifos: some readers pass over as many bytes as such a header says, others over none. */
const emptyTypes = new Set(['1', '2', '3', '4', '5', '6']);
const sparseType = 'S';

/** PAX records by which a reader that knows them sees another archive than one that does not. */
const refusedRecords: readonly (readonly [RegExp, 'extended-header' | 'sparse', string])[] = [
  [/^size$/, 'extended-header', 'gives the next entry another size than its own header does'],
  [/^(GNU\.sparse\.|SCHILY\.realsize$)/, 'sparse', 'makes the next entry a sparse file'],
];
const globalRecords = /^(path|linkpath)$/;

/**
 * Follows the blocks of a tar as they pass, and refuses what readers of tar understand differently or not at all: so that
 * whoever lists the archive by another program sees what is unpacked here. Pure. Errors name the entry at fault.
 * Sources: POSIX pax (ustar and pax interchange formats), GNU tar's tar.h.
 */
export class TarFrame {
  readonly #archive: string;
  readonly #header = Buffer.alloc(blockBytes);
  #headerBytes = 0;
  #headerAt = 0;
  /** Contents and padding of the entry, or of the extended header, that are still to come. */
  #leftBytes = 0;
  #extension: { readonly type: string; readonly body: Buffer; bodyBytes: number } | undefined;
  readonly #pending = new Set<string>();
  #hasGlobal = false;
  #hasEnded = false;
  #passedBytes = 0;
  #entry: string | undefined;

  /** `archive` is its path, for errors. */
  constructor(archive: string) {
    this.#archive = archive;
  }

  /** The name of the last entry that began, by its plain header. */
  get entry(): string {
    return this.#entry ?? '';
  }

  /** Whether the end of the archive has passed. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** In words, where in the archive what has passed so far ends. */
  get place(): string {
    if (this.#entry === undefined) return 'before its first entry';
    return `${this.#leftBytes > 0 ? 'inside' : 'behind'} entry ${showName(this.#entry)}`;
  }

  /** Takes in the next bytes. Throws `archive-...` and `not-a-tarball`. */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      const taken = this.#take(chunk.subarray(at));
      at += taken;
      this.#passedBytes += taken;
    }
  }

  /** To be called when no more bytes come. Throws `not-a-tarball` when the archive is not whole. */
  finish(): void {
    if (this.#hasEnded) return;
    const isBetween = this.#leftBytes === 0 && this.#headerBytes === 0 && this.#pending.size === 0;
    const why = isBetween
      ? `it ends without a tar's last block of zeros, ${this.place}`
      : `it ends in the middle, ${this.place}`;
    throw notATarball(this.#archive, why);
  }

  #take(bytes: Buffer): number {
    if (this.#hasEnded) return this.#takeFiller(bytes);
    if (this.#leftBytes > 0) return this.#takeContents(bytes);
    if (this.#headerBytes === 0) this.#headerAt = this.#passedBytes;
    const taken = bytes.copy(this.#header, this.#headerBytes);
    this.#headerBytes += taken;
    if (this.#headerBytes === blockBytes) {
      this.#headerBytes = 0;
      this.#readHeader();
    }
    return taken;
  }

  #takeFiller(bytes: Buffer): number {
    const at = bytes.findIndex((byte) => byte !== 0);
    if (at === -1) return bytes.length;
    throw refuse(
      this.#archive,
      'trailing-data',
      this.entry,
      `is the last before the archive's end, and more follows at byte ${String(this.#passedBytes + at)}`,
    );
  }

  #takeContents(bytes: Buffer): number {
    const taken = Math.min(bytes.length, this.#leftBytes);
    this.#leftBytes -= taken;
    const extension = this.#extension;
    if (extension !== undefined) {
      extension.bodyBytes += bytes.copy(extension.body, extension.bodyBytes, 0, taken);
      if (this.#leftBytes === 0) this.#readExtension(extension.type, extension.body);
    }
    return taken;
  }

  #readHeader(): void {
    const header = this.#header;
    if (header.every((byte) => byte === 0)) {
      if (this.#pending.size > 0) throw this.#badExtension('is followed by no entry');
      this.#hasEnded = true;
      return;
    }
    this.#checkChecksum();
    const type = String.fromCharCode(header.readUInt8(156));
    this.#entry = nameIn(header);
    for (const field of otherNumbers) this.#number(field);
    const size = Number(this.#number(sizeField));
    if (extensions.has(type)) this.#beginExtension(type, size);
    else this.#beginEntry(type, size);
  }

  #checkChecksum(): void {
    const { start, end } = checksumField;
    // The field itself counts as spaces.
    let sum = (end - start) * 0x20;
    for (let at = 0; at < blockBytes; at++) if (at < start || at >= end) sum += this.#header[at] ?? 0;
    if (readTarNumber(this.#header.subarray(start, end)) === BigInt(sum)) return;
    const why = `the header at byte ${String(this.#headerAt)}, ${this.place}, has a wrong checksum`;
    throw notATarball(this.#archive, why);
  }

  #number({ name, start, end, least, most }: NumberField): bigint {
    const value = readTarNumber(this.#header.subarray(start, end));
    if (value !== undefined && value >= least && value <= most) return value;
    const why =
      value === undefined ? `has a ${name} that is no number` : `has the impossible ${name} ${String(value)}`;
    throw refuse(this.#archive, 'number', this.entry, why);
  }

  #beginEntry(type: string, size: number): void {
    this.#pending.clear();
    if (type === sparseType) throw refuse(this.#archive, 'sparse', this.entry, 'is a sparse file');
    if (emptyTypes.has(type) && size > 0) {
      const why = `is no file, and has contents of ${String(size)} bytes`;
      throw refuse(this.#archive, 'contents', this.entry, why);
    }
    this.#leftBytes = Math.ceil(size / blockBytes) * blockBytes;
  }

  #beginExtension(type: string, size: number): void {
    if (size > mostExtensionBytes)
      throw this.#badExtension(`has ${String(size)} bytes, more than ${String(mostExtensionBytes)}`);
    if (type === globalHeader ? this.#hasGlobal : this.#pending.has(type))
      throw this.#badExtension('is the second of its kind');
    if (type === globalHeader) this.#hasGlobal = true;
    else this.#pending.add(type);
    const body = Buffer.alloc(size);
    this.#leftBytes = Math.ceil(size / blockBytes) * blockBytes;
    if (size === 0) this.#readExtension(type, body);
    else this.#extension = { type, body, bodyBytes: 0 };
  }

  #readExtension(type: string, body: Buffer): void {
    this.#extension = undefined;
    if (type !== 'x' && type !== globalHeader) {
      const end = body.indexOf(0);
      if (end >= 0 && body.subarray(end).some((byte) => byte !== 0))
        throw this.#badExtension('has bytes behind the end of its name');
      return;
    }
    const keys = readPaxRecords(body)?.map(({ key }) => key);
    if (keys === undefined) throw this.#badExtension('is malformed');
    if (new Set(keys).size < keys.length) throw this.#badExtension('has a record twice');
    for (const key of keys) {
      if (type === globalHeader && globalRecords.test(key))
        throw this.#badExtension(`gives every entry the same ${key}`);
      for (const [pattern, reason, why] of refusedRecords)
        if (pattern.test(key)) throw refuse(this.#archive, reason, this.entry, `(an extended header) ${why}`);
    }
  }

  #badExtension(why: string): RedoubtError {
    return refuse(this.#archive, 'extended-header', this.entry, `(an extended header) ${why}`);
  }
}

/** The name in a header, with the prefix that POSIX's format has. */
function nameIn(header: Buffer): string {
  const isPosix = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isPosix ? textOf(header.subarray(345, 500)) : '';
  return `${prefix === '' ? '' : `${prefix}/`}${textOf(header.subarray(0, 100))}`;
}

function textOf(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? field.length : end);
}
