import type { ElfContent } from './elf-builder.ts';

export interface VersionedElfContent extends ElfContent {
  /** `ET_EXEC` is 2, `ET_DYN` 3. */
  readonly type?: number;
  readonly machine?: number;
  /** `DF_1_PIE` in DT_FLAGS_1. */
  readonly isPie?: boolean;
  readonly neededVersions?: readonly {
    readonly library: string;
    readonly versions: readonly { readonly name: string; readonly isWeak?: boolean }[];
  }[];
  /** The first is the name of the file itself. */
  readonly definedVersions?: readonly string[];
  readonly kernelFloor?: readonly [number, number, number];
  readonly buildId?: string;
  readonly comments?: readonly string[];
}

/** Where the whole file is mapped. */
const baseAddress = 0x400000;
const headerBytes = 64;
const programHeaderBytes = 56;

/**
 * An independent writer of an ELF file with tables of symbol versions, notes and a section of comments, as the Linux
 * Standard Base and the System V ABI lay them out. Without dynamic content it has no dynamic section.
 */
export function buildVersionedElf(content: VersionedElfContent): Buffer {
  const strings = new StringTable();
  const tags: (readonly [number, number])[] = [];
  for (const name of content.needed ?? []) tags.push([1, strings.add(name)]);
  for (const [tag, text] of [
    [14, content.soname],
    [15, content.rpath],
    [29, content.runpath],
  ] as const)
    if (text !== undefined) tags.push([tag, strings.add(text)]);
  if (content.isPie === true) tags.push([0x6ffffffb, 0x08000000]);
  const needed = writeNeeded(content, strings);
  const defined = writeDefined(content, strings);
  const isDynamic = tags.length > 0 || needed.length > 0 || defined.length > 0;

  const parts = new Layout(headerBytes + 4 * programHeaderBytes);
  const interpreter = parts.add(
    Buffer.from(content.interpreter === undefined ? '' : `${content.interpreter}\0`),
  );
  const notes = parts.add(writeNotes(content));
  const neededAt = parts.add(needed);
  const definedAt = parts.add(defined);
  const table = strings.bytes;
  const stringsAt = parts.add(table);
  if (needed.length > 0)
    tags.push([0x6ffffffe, baseAddress + neededAt], [0x6fffffff, content.neededVersions?.length ?? 0]);
  if (defined.length > 0)
    tags.push([0x6ffffffc, baseAddress + definedAt], [0x6ffffffd, content.definedVersions?.length ?? 0]);
  tags.push([5, baseAddress + stringsAt], [10, table.length], [0, 0]);
  const dynamic = isDynamic ? writeTags(tags) : Buffer.alloc(0);
  const dynamicAt = parts.add(dynamic);
  const sections = addSections(parts, content.comments ?? []);

  const bytes = parts.bytes;
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(bytes);
  bytes.writeUInt16LE(content.type ?? 3, 16);
  bytes.writeUInt16LE(content.machine ?? 62, 18);
  bytes.writeBigUInt64LE(BigInt(headerBytes), 32);
  bytes.writeBigUInt64LE(BigInt(sections.tableAt), 40);
  bytes.writeUInt16LE(programHeaderBytes, 54);
  bytes.writeUInt16LE(4, 56);
  bytes.writeUInt16LE(64, 58);
  bytes.writeUInt16LE(sections.count, 60);
  bytes.writeUInt16LE(1, 62);
  [
    [1, 0, bytes.length],
    [content.interpreter === undefined ? 0 : 3, interpreter, (content.interpreter?.length ?? 0) + 1],
    [isDynamic ? 2 : 0, dynamicAt, dynamic.length],
    [4, notes, writeNotes(content).length],
  ].forEach(([type = 0, offset = 0, length = 0], index) => {
    const at = headerBytes + index * programHeaderBytes;
    bytes.writeUInt32LE(type, at);
    bytes.writeBigUInt64LE(BigInt(offset), at + 8);
    bytes.writeBigUInt64LE(BigInt(baseAddress + offset), at + 16);
    bytes.writeBigUInt64LE(BigInt(length), at + 32);
    bytes.writeBigUInt64LE(BigInt(length), at + 40);
  });
  return bytes;
}

class StringTable {
  readonly #parts = [Buffer.from('\0')];
  #length = 1;

  add(text: string): number {
    const at = this.#length;
    const bytes = Buffer.from(`${text}\0`);
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return at;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

class Layout {
  readonly #parts: Buffer[] = [];
  #length: number;

  constructor(headBytes: number) {
    this.#parts.push(Buffer.alloc(headBytes));
    this.#length = headBytes;
  }

  /** Puts a part at the next multiple of eight and returns where. */
  add(bytes: Buffer): number {
    const padding = (8 - (this.#length % 8)) % 8;
    this.#parts.push(Buffer.alloc(padding), bytes);
    const at = this.#length + padding;
    this.#length = at + bytes.length;
    return at;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

function writeTags(tags: readonly (readonly [number, number])[]): Buffer {
  const bytes = Buffer.alloc(tags.length * 16);
  tags.forEach(([tag, value], index) => {
    bytes.writeBigInt64LE(BigInt(tag), index * 16);
    bytes.writeBigUInt64LE(BigInt(value), index * 16 + 8);
  });
  return bytes;
}

function writeNeeded({ neededVersions = [] }: VersionedElfContent, strings: StringTable): Buffer {
  return Buffer.concat(
    neededVersions.map(({ library, versions }, index) => {
      const bytes = Buffer.alloc(16 + versions.length * 16);
      bytes.writeUInt16LE(1, 0);
      bytes.writeUInt16LE(versions.length, 2);
      bytes.writeUInt32LE(strings.add(library), 4);
      bytes.writeUInt32LE(16, 8);
      bytes.writeUInt32LE(index + 1 < neededVersions.length ? bytes.length : 0, 12);
      versions.forEach(({ name, isWeak = false }, at) => {
        const item = 16 + at * 16;
        bytes.writeUInt16LE(isWeak ? 2 : 0, item + 4);
        bytes.writeUInt32LE(strings.add(name), item + 8);
        bytes.writeUInt32LE(at + 1 < versions.length ? 16 : 0, item + 12);
      });
      return bytes;
    }),
  );
}

function writeDefined({ definedVersions = [] }: VersionedElfContent, strings: StringTable): Buffer {
  return Buffer.concat(
    definedVersions.map((name, index) => {
      const bytes = Buffer.alloc(28);
      bytes.writeUInt16LE(1, 0);
      bytes.writeUInt16LE(index === 0 ? 1 : 0, 2);
      bytes.writeUInt16LE(index + 1, 4);
      bytes.writeUInt16LE(1, 6);
      bytes.writeUInt32LE(20, 12);
      bytes.writeUInt32LE(index + 1 < definedVersions.length ? 28 : 0, 16);
      bytes.writeUInt32LE(strings.add(name), 20);
      return bytes;
    }),
  );
}

function writeNotes({ kernelFloor, buildId }: VersionedElfContent): Buffer {
  const floor = Buffer.alloc(16);
  kernelFloor?.forEach((part, index) => floor.writeUInt32LE(part, 4 + index * 4));
  return Buffer.concat([
    ...(buildId === undefined ? [] : [writeNote(3, Buffer.from(buildId, 'hex'))]),
    ...(kernelFloor === undefined ? [] : [writeNote(1, floor)]),
  ]);
}

function writeNote(type: number, content: Buffer): Buffer {
  const head = Buffer.alloc(12);
  [4, content.length, type].forEach((value, index) => head.writeUInt32LE(value, index * 4));
  return Buffer.concat([head, Buffer.from('GNU\0'), content, Buffer.alloc((4 - (content.length % 4)) % 4)]);
}

function addSections(
  parts: Layout,
  comments: readonly string[],
): { readonly tableAt: number; readonly count: number } {
  if (comments.length === 0) return { tableAt: 0, count: 0 };
  const names = Buffer.from('\0.shstrtab\0.comment\0');
  const namesAt = parts.add(names);
  const text = Buffer.from(comments.map((comment) => `${comment}\0`).join(''));
  const textAt = parts.add(text);
  const table = Buffer.alloc(3 * 64);
  for (const [index, name, at, length] of [
    [1, 1, namesAt, names.length],
    [2, 11, textAt, text.length],
  ] as const) {
    table.writeUInt32LE(name, index * 64);
    table.writeBigUInt64LE(BigInt(at), index * 64 + 24);
    table.writeBigUInt64LE(BigInt(length), index * 64 + 32);
  }
  return { tableAt: parts.add(table), count: 3 };
}
