import { basename } from 'node:path';

import { RedoubtError } from '../../error.ts';
import { type ElfFacts, type ElfFile, readElfFile } from '../../host/elf/elf-facts.ts';
import { isElf } from '../../host/elf/elf-image.ts';
import { bufferSource, type ElfSource } from '../../host/elf/elf-source.ts';
import type { ElfTraits, FileContent } from './file-tree.ts';
import { readIcuRootVersion } from './icu-root-version.ts';
import { readServerFacts } from './server-facts.ts';

/** Texts that the promises about files ask for. */
const textNames =
  /^(passwd|group|os-release|nsswitch\.conf|ld\.so\.conf|gconv-modules|manifest\.json|postgres\.bki|snowball_create\.sql|.+\.control)$/;
const textFolders =
  /\/(timezonesets|ld\.so\.conf\.d|gconv-modules\.d)\/[^/]+$|^\/var\/lib\/dpkg\/(status$|info\/[^/]+\.list$)/;
const mostTextBytes = 2 ** 22;
const mostScriptBytes = 2 ** 16;
const headBytes = 256;
/** A server that knows SQL is larger, and its launchers are smaller. */
const leastServerBytes = 2 ** 21;
/** libicudata of all versions so far is smaller; a static server with it inside as well. */
const mostElfBytes = 2 ** 28;
/** The names of all that is in ICU's data. */
const icuContentsBytes = 2 ** 21;

/** Whether it is worth to read more than the head of a file: what can be run or loaded, and the texts. */
export function isTelling(path: string, mode: number): boolean {
  return (mode & 0o111) !== 0 || isLibraryName(path) || isText(path);
}

/** What a file holds, by its first bytes and, for texts, by its name. Throws nothing about its content. */
export function readContent(path: string, source: ElfSource): FileContent {
  const head = source.slice(0, Math.min(headBytes, source.sizeBytes));
  if (isElf(head)) return readElfContent(source);
  const words = head.toString('latin1');
  if (words.startsWith('TZif')) return { kind: 'time-zone' };
  if (words.startsWith('#!')) {
    const [, interpreter = ''] = /^#![ \t]*([^ \t\n]*)/.exec(words) ?? [];
    return { kind: 'script', interpreter, text: text(source, mostScriptBytes) };
  }
  return isText(path) ? { kind: 'text', text: text(source, mostTextBytes) } : { kind: 'other' };
}

function isText(path: string): boolean {
  return textNames.test(basename(path)) || textFolders.test(path);
}

/** Whether a name is that of a shared library: `libc.so.6`, `plpgsql.so`. */
export function isLibraryName(path: string): boolean {
  return /\.so(\.\d+)*$/.test(path);
}

function text(source: ElfSource, mostBytes: number): string {
  return source.slice(0, Math.min(source.sizeBytes, mostBytes)).toString('utf8');
}

function readElfContent(source: ElfSource): FileContent {
  try {
    const elf = readElfFile(source);
    return { kind: 'elf', elf, traits: readTraits(elf, source) };
  } catch (error) {
    if (!(error instanceof RedoubtError)) throw error;
    return { kind: 'damaged-elf', reason: error.message };
  }
}

function readTraits(elf: ElfFile, source: ElfSource): ElfTraits {
  const none: ElfTraits = {
    server: undefined,
    libc: undefined,
    icuRootVersion: undefined,
    ownVersion: undefined,
    namesLibraries: [],
    loaderFolders: [],
  };
  if (elf.kind === 'foreign' || source.sizeBytes > mostElfBytes) return none;
  const { linkage, soname = '', opensLibraries } = elf.facts;
  const isProgram = linkage !== 'library';
  const mayBeServer = isProgram && source.sizeBytes >= leastServerBytes;
  const isLibc = soname === 'libc.so.6';
  const isLoader = soname.startsWith('ld-linux');
  const isIcuData = soname.startsWith('libicudata.');
  // Its table of contents comes first, and the rest is 30 MB.
  if (isIcuData) return { ...none, icuRootVersion: readIcuRootVersion(source, icuContentsBytes) };
  const versionPattern = ownVersions.find(({ library }) => library.test(soname))?.version;
  if (versionPattern === undefined && !mayBeServer && !isLibc && !isLoader && !opensLibraries) return none;
  const bytes = source.slice(0, source.sizeBytes);
  return {
    server: mayBeServer ? readServerFacts(bytes) : undefined,
    libc: isLibc ? readLibc(bytes) : undefined,
    icuRootVersion: mayBeServer ? readIcuRootVersion(bufferSource(bytes), bytes.length) : undefined,
    ownVersion: versionPattern?.exec(bytes.toString('latin1'))?.[1],
    namesLibraries: opensLibraries || isLibc ? namedLibraries(elf.facts, bytes) : [],
    loaderFolders: isLoader ? readStrings(bytes, '/lib', loaderFolder) : [],
  };
}

/** Words that a library is sure to hold, and only in one place. */
const ownVersions: readonly { readonly library: RegExp; readonly version: RegExp }[] = [
  { library: /^libcrypto\.so\./, version: /OpenSSL (\d+\.\d+\.\d+[a-z]*)\s+\d+ \w{3} \d{4}/ },
  { library: /^libz\.so\./, version: / deflate (\d+(?:\.\d+)+) Copyright/ },
];

const libraryWord = /^(?:[\w./+-]*\/)?[\w+-]+\.so(?:\.\d+)*$/;
/** `system_dirs` of glibc's dl-load.c, which end with a slash. */
const loaderFolder = /^\/(?:usr\/)?(?:local\/)?lib[\w/-]*\/$/;

function readLibc(bytes: Buffer): ElfTraits['libc'] {
  const at = bytes.indexOf('GNU C Library (');
  if (at < 0) return undefined;
  const words = bytes.toString('latin1', at, at + 160);
  const match = /^GNU C Library \(([^)]*)\) \w+ release version (\d+\.\d+)/.exec(words);
  return match === null ? undefined : { words: match[1] ?? '', version: match[2] ?? '' };
}

/** Names that stand in a file and are not those that its loader reads there. */
function namedLibraries({ needed, soname, interpreter }: ElfFacts, bytes: Buffer): readonly string[] {
  const known = new Set([...needed, soname, interpreter]);
  return readStrings(bytes, '.so', libraryWord).filter(
    (name) => !known.has(name) && !/\bld-linux/.test(name),
  );
}

/** The strings between zero bytes that hold `marker` and match, each once, in the order of the file. */
function readStrings(bytes: Buffer, marker: string, pattern: RegExp): readonly string[] {
  const found = new Set<string>();
  for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + 1)) {
    const start = bytes.lastIndexOf(0, at) + 1;
    const end = bytes.indexOf(0, at);
    if (end < 0 || end - start > 200) continue;
    const word = bytes.toString('latin1', start, end);
    if (pattern.test(word)) found.add(word);
  }
  return [...found];
}
