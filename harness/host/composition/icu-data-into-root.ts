import { readFile, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';

import { locate, readElfImage } from '../elf/elf-image.ts';
import { bufferSource } from '../elf/elf-source.ts';
import { readElfSymbols } from '../elf/elf-symbols.ts';
import { resolveInRoot } from '../resolve-in-root.ts';
import type { BroughtLibrary } from './brought-library.ts';
import { cannotCompose } from './cannot-compose.ts';
import type { CompositionTools } from './composition-tools.ts';
import type { IcuPlace } from './icu-place.ts';
import type { IcuSource } from './icu-into-root.ts';
import { findLibrary } from './root-libraries.ts';
import { shareFile } from './shared-files.ts';

export interface IcuDataChange {
  readonly words: string;
  /** The root that is being made. */
  readonly root: string;
  /** The libicu in it whose code is to have other data. */
  readonly place: IcuPlace;
  readonly source: IcuSource;
  readonly tools: CompositionTools;
}

/**
 * Gives the code of one libicu the data of another: rules of collation, locales, properties of names. Code asks for its data
 * by its own major's name (`icudt72_dat`, and `icudt72l/...` in the data's table of contents), so that of another major is
 * taken under that name; nothing else in it changes. Whether the code can read it shows when it is asked. Throws
 * `cannot-compose` where the data is no library of its own.
 */
export async function putIcuDataIntoRoot(change: IcuDataChange): Promise<BroughtLibrary> {
  const { root, place, source, tools } = change;
  const from = source.icu.major;
  const file = `libicudata.so.${String(place.major)}`;
  const directory = join(root, await resolveInRoot(root, place.directory));
  const library = await findLibrary(source.path, `libicudata.so.${String(from)}`, [source.icu.directory]);
  if (library === undefined)
    throw cannotCompose(change.words, `${source.name} has no libicudata.so.${String(from)}`);
  const original = join(source.path, library);
  await rm(join(directory, file), { force: true });
  if (from === place.major) await shareFile(original, join(directory, file));
  else {
    const data = renamed(dataIn(await readFile(original), change), from, place.major);
    await tools.dataLibrary(directory, file, symbolOf(place.major), data);
  }
  return {
    path: posix.join(place.directory, file),
    from: source.name,
    file: posix.basename(library),
    package: await source.ownerOf(library),
    rebound: [],
    shimmed: [],
  };
}

function dataIn(bytes: Buffer, { words, source }: IcuDataChange): Buffer {
  const elf = bufferSource(bytes);
  const wanted = symbolOf(source.icu.major);
  const symbol = readElfSymbols(elf).find(({ name, isDefined }) => isDefined && name === wanted);
  if (symbol === undefined) throw cannotCompose(words, `libicudata of ${source.name} has no ${wanted}`);
  const { offsetBytes, bytesLeft } = locate(readElfImage(elf), symbol.address, wanted);
  // Older builds do not say how long it is: it is all that there is.
  return Buffer.from(elf.slice(offsetBytes, symbol.sizeBytes === 0 ? bytesLeft : symbol.sizeBytes));
}

function symbolOf(major: number): string {
  return `icudt${String(major)}_dat`;
}

function renamed(data: Buffer, from: number, to: number): Buffer {
  const [old, name] = [Buffer.from(`icudt${String(from)}`), Buffer.from(`icudt${String(to)}`)];
  for (let at = data.indexOf(old); at >= 0; at = data.indexOf(old, at + old.length)) name.copy(data, at);
  return data;
}
