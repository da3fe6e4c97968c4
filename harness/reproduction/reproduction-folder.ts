import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { RedoubtError } from '../error.ts';
import { systemError } from '../host/system-error.ts';
import { parseReproduction, type Reproduction, reproductionFiles } from './reproduction.ts';
import { reproductionCommand, reproductionScript } from './reproduction-sql.ts';
import type { ReproductionOutput } from './run-reproduction.ts';
import { makeFolder } from '../host/make-folder.ts';

const launcher = join(import.meta.dirname, '../../redoubt');

/** Writes a reproduction's folder, which must be new or empty. Throws `folder-taken` (usage), `infrastructure`. */
export async function writeReproduction(
  directory: string,
  reproduction: Reproduction,
  output: ReproductionOutput,
): Promise<void> {
  await requireEmpty(directory);
  const files = {
    [reproductionFiles.environments]: `${JSON.stringify(reproduction, null, 2)}\n`,
    [reproductionFiles.sql]: reproductionScript(reproduction),
    [reproductionFiles.expected]: lines(output.expected),
    [reproductionFiles.seen]: lines(output.seen),
    [reproductionFiles.command]: reproductionCommand(launcher),
  };
  try {
    makeFolder(directory);
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
    await chmod(join(directory, reproductionFiles.command), 0o755);
  } catch (error) {
    throw systemError(`cannot write the reproduction into ${directory}`, error);
  }
}

/** Throws `folder-taken` (usage) for a folder that has something in it. */
export async function requireEmpty(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw systemError(`cannot write into ${directory}`, error);
  });
  if (names.length === 0) return;
  throw new RedoubtError('usage', 'folder-taken', `${directory} is not empty`, {
    remedy: 'Name another folder with --out.',
  });
}

/** Reads a reproduction and what it printed when it was made. Throws `reproduction-invalid` (usage). */
export async function readReproduction(
  directory: string,
): Promise<{ readonly reproduction: Reproduction; readonly output: ReproductionOutput }> {
  const read = async (name: string): Promise<string> =>
    readFile(join(directory, name), 'utf8').catch((cause: unknown) => {
      throw new RedoubtError('usage', 'reproduction-invalid', `${directory} has no ${name}`, {
        remedy: 'Name a folder that `redoubt shrink` wrote.',
        cause,
      });
    });
  const path = join(directory, reproductionFiles.environments);
  const reproduction = parseReproduction(await read(reproductionFiles.environments), path);
  const [expected, seen] = [await read(reproductionFiles.expected), await read(reproductionFiles.seen)];
  return { reproduction, output: { expected: linesOf(expected), seen: linesOf(seen) } };
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').slice(0, -1);
}
