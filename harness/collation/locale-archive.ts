import { RedoubtError } from '../error.ts';

/** Reads `length` bytes at `offset` of the archive; fewer when it ends before. */
export type ReadArchive = (offset: number, length: number) => Buffer;

/** Where the LC_COLLATE of a locale lies in its archive. */
export interface ArchivedCollation {
  readonly offset: number;
  readonly length: number;
}

/* glibc's locale/locarchive.h, the same from 2.3.3 on; the fields are 32 bits each, in the order of the machine. */
const magic = 0xde020109;
const headBytes = 14 * 4;
const nameEntryBytes = 3 * 4;
const collateCategory = 3;
const recordBytes = 4 + 13 * 8;
const mostNames = 100_000;
const mostNameBytes = 256;
const mostCollationBytes = 2 ** 26;

/**
 * The locales in glibc's locale-archive (RHEL, Ubuntu and docker-library's images keep theirs in one), by the names that the
 * archive gives them, with the place of their LC_COLLATE. Throws `locale-archive-damaged` (infrastructure) with the offset.
 */
export function readLocaleArchive(read: ReadArchive, path: string): ReadonlyMap<string, ArchivedCollation> {
  const whole = (offset: number, length: number, what: string): Buffer => {
    const bytes = read(offset, length);
    if (bytes.length === length) return bytes;
    throw damaged(path, offset, `${what} is cut off`);
  };
  const head = whole(0, headBytes, 'the head');
  if (head.readUInt32LE(0) !== magic)
    throw damaged(path, 0, 'it does not begin as an archive of locales does');
  const tableOffset = head.readUInt32LE(2 * 4);
  const tableSize = head.readUInt32LE(4 * 4);
  if (tableSize > mostNames) throw damaged(path, 4 * 4, `its table would have ${String(tableSize)} names`);
  const table = whole(tableOffset, tableSize * nameEntryBytes, 'the table of names');
  const found = new Map<string, ArchivedCollation>();
  for (let at = 0; at < table.length; at += nameEntryBytes) {
    const nameOffset = table.readUInt32LE(at + 4);
    const recordOffset = table.readUInt32LE(at + 8);
    // A free place of the hash table.
    if (recordOffset === 0) continue;
    const name = read(nameOffset, mostNameBytes);
    const end = name.indexOf(0);
    if (end <= 0) throw damaged(path, nameOffset, 'a name has no end');
    const record = whole(recordOffset, recordBytes, 'the record of a locale');
    const place = 4 + collateCategory * 8;
    const length = record.readUInt32LE(place + 4);
    if (length > mostCollationBytes)
      throw damaged(path, recordOffset + place + 4, `an LC_COLLATE would have ${String(length)} bytes`);
    found.set(name.toString('latin1', 0, end), { offset: record.readUInt32LE(place), length });
  }
  return found;
}

function damaged(path: string, offset: number, what: string): RedoubtError {
  return new RedoubtError(
    'infrastructure',
    'locale-archive-damaged',
    `the archive of locales ${path} is damaged at byte ${String(offset)}: ${what}`,
    { remedy: 'Make it anew with localedef, or give a root that is whole.', details: { path, offset } },
  );
}
