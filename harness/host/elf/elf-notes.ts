import { type ElfImage, readElfString, readNumber, segmentBytes, segmentType } from './elf-image.ts';
import { elfInvalid } from './elf-source.ts';

/** What the notes of an ELF file say. */
export interface ElfNotes {
  /** The oldest Linux for which it was built, `NT_GNU_ABI_TAG`: `3.2.0`. The loader refuses older ones. */
  readonly kernelFloor: string | undefined;
  /** `NT_GNU_BUILD_ID`, as hexadecimal digits. */
  readonly buildId: string | undefined;
}

const abiTag = 1;
const buildIdTag = 3;
const linux = 0;

const mostNoteBytes = 2 ** 22;
const mostCommentBytes = 2 ** 16;
const sectionHeaderBytes = 64;

/** Reads the `GNU` notes in the note segments (System V ABI, chapter 5; glibc's elf.h). Throws `elf-invalid`. */
export function readElfNotes(image: ElfImage): ElfNotes {
  let kernelFloor: string | undefined;
  let buildId: string | undefined;
  for (const segment of image.segments) {
    if (segment.type !== segmentType.note) continue;
    const bytes = segmentBytes(image, segment, mostNoteBytes);
    for (let at = 0; at + 12 <= bytes.length;) {
      const nameBytes = bytes.readUInt32LE(at);
      const contentBytes = bytes.readUInt32LE(at + 4);
      const contentAt = at + 12 + padded(nameBytes);
      if (contentAt + contentBytes > bytes.length)
        throw elfInvalid('a note lies outside of its segment', segment.offsetBytes + at);
      const isGnu = bytes.toString('latin1', at + 12, at + 12 + nameBytes) === 'GNU\0';
      const content = bytes.subarray(contentAt, contentAt + contentBytes);
      const type = bytes.readUInt32LE(at + 8);
      if (isGnu && type === abiTag && content.length >= 16 && content.readUInt32LE(0) === linux)
        kernelFloor = [4, 8, 12].map((word) => content.readUInt32LE(word)).join('.');
      if (isGnu && type === buildIdTag) buildId = content.toString('hex');
      at = contentAt + padded(contentBytes);
    }
  }
  return { kernelFloor, buildId };
}

/**
 * Reads `.comment`, where compilers leave their names. It is found by the section headers, which nothing that runs needs:
 * a file without them, or with broken ones, has no comments.
 */
export function readElfComments({ source }: ElfImage): readonly string[] {
  try {
    const header = source.slice(0, 64);
    const tableOffset = readNumber(header, 40);
    const [entryBytes, count, namesIndex] = [58, 60, 62].map((at) => header.readUInt16LE(at));
    if (tableOffset === 0 || entryBytes !== sectionHeaderBytes || count === undefined) return [];
    const table = source.slice(tableOffset, count * sectionHeaderBytes);
    const section = (index: number): Buffer => {
      const at = index * sectionHeaderBytes;
      const sizeBytes = readNumber(table, at + 32);
      return source.slice(readNumber(table, at + 24), Math.min(sizeBytes, mostCommentBytes));
    };
    const names = section(namesIndex ?? 0);
    for (let index = 0; index < count; index++) {
      if (readElfString(names, table.readUInt32LE(index * sectionHeaderBytes)) !== '.comment') continue;
      const words = section(index).toString('utf8').split('\0');
      return [...new Set(words.filter((word) => word !== ''))].toSorted();
    }
  } catch {
    // Nothing depends on them.
  }
  return [];
}

function padded(lengthBytes: number): number {
  return Math.ceil(lengthBytes / 4) * 4;
}
