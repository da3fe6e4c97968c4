/** An archive of locales as glibc's localedef makes one (locale/locarchive.h), of names and their LC_COLLATE. */
export function localeArchive(locales: Readonly<Record<string, Buffer>>): Buffer {
  const names = Object.keys(locales);
  const places = 2 * names.length + 1;
  const headBytes = 56;
  const tableOffset = headBytes;
  const recordsOffset = tableOffset + 12 * places;
  const recordBytes = 4 + 13 * 8;
  const stringsOffset = recordsOffset + recordBytes * names.length;
  const strings: Buffer[] = names.map((name) => Buffer.from(`${name}\0`));
  const dataOffset = stringsOffset + strings.reduce((sum, { length }) => sum + length, 0);
  const front = Buffer.alloc(stringsOffset);
  front.writeUInt32LE(0xde020109, 0);
  [tableOffset, names.length, places].forEach((value, index) => front.writeUInt32LE(value, 8 + 4 * index));
  let nameOffset = stringsOffset;
  let at = dataOffset;
  names.forEach((name, index) => {
    // Every second place is free, as in a hash table.
    const entry = tableOffset + 12 * (2 * index + 1);
    const record = recordsOffset + recordBytes * index;
    const { length } = locales[name] ?? Buffer.alloc(0);
    front.writeUInt32LE(1234, entry);
    front.writeUInt32LE(nameOffset, entry + 4);
    front.writeUInt32LE(record, entry + 8);
    front.writeUInt32LE(at, record + 4 + 3 * 8);
    front.writeUInt32LE(length, record + 8 + 3 * 8);
    nameOffset += strings[index]?.length ?? 0;
    at += length;
  });
  return Buffer.concat([front, ...strings, ...Object.values(locales)]);
}
