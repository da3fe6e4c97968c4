export interface ElfContent {
  readonly interpreter?: string;
  readonly soname?: string;
  readonly needed?: readonly string[];
  readonly rpath?: string;
  readonly runpath?: string;
}

const headerBytes = 64;
const programHeaderBytes = 56;
/** Where the file is mapped, so that addresses are not offsets. */
const baseAddress = 0x10000;

/** An independent writer of the smallest ELF file with a dynamic section: header, three program headers, tags, strings. */
export function buildElf(content: ElfContent): Buffer {
  const strings = [Buffer.from('\0')];
  let stringsLength = 1;
  const intern = (text: string): number => {
    const at = stringsLength;
    strings.push(Buffer.from(`${text}\0`));
    stringsLength += text.length + 1;
    return at;
  };
  const tags: [number, number][] = (content.needed ?? []).map((name) => [1, intern(name)]);
  if (content.soname !== undefined) tags.push([14, intern(content.soname)]);
  if (content.rpath !== undefined) tags.push([15, intern(content.rpath)]);
  if (content.runpath !== undefined) tags.push([29, intern(content.runpath)]);
  const interpreter = Buffer.from(`${content.interpreter ?? ''}\0`);
  const interpreterAt = headerBytes + 3 * programHeaderBytes;
  const dynamicAt = interpreterAt + interpreter.length;
  const dynamicBytes = (tags.length + 3) * 16;
  const stringsAt = dynamicAt + dynamicBytes;
  tags.push([5, baseAddress + stringsAt], [10, stringsLength], [0, 0]);

  const header = Buffer.alloc(headerBytes);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(header);
  header.writeBigUInt64LE(BigInt(headerBytes), 32);
  header.writeUInt16LE(programHeaderBytes, 54);
  header.writeUInt16LE(3, 56);
  const dynamic = Buffer.concat(
    tags.map(([tag, value]) => {
      const entry = Buffer.alloc(16);
      entry.writeBigInt64LE(BigInt(tag), 0);
      entry.writeBigUInt64LE(BigInt(value), 8);
      return entry;
    }),
  );
  const total = stringsAt + stringsLength;
  return Buffer.concat([
    header,
    programHeader(1, 0, total),
    programHeader(content.interpreter === undefined ? 0 : 3, interpreterAt, interpreter.length),
    programHeader(2, dynamicAt, dynamicBytes),
    interpreter,
    dynamic,
    ...strings,
  ]);
}

function programHeader(type: number, offset: number, size: number): Buffer {
  const header = Buffer.alloc(programHeaderBytes);
  header.writeUInt32LE(type, 0);
  header.writeBigUInt64LE(BigInt(offset), 8);
  header.writeBigUInt64LE(BigInt(baseAddress + offset), 16);
  header.writeBigUInt64LE(BigInt(size), 32);
  header.writeBigUInt64LE(BigInt(size), 40);
  return header;
}
