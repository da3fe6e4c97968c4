import { openGivenTapes } from '../gate/replay/given-tapes.ts';
import { parseMajors } from '../gate/gate-options.ts';
import { temporaryDirectory } from '../host/run-directory.ts';
import { Tape } from '../redo/tape/tape.ts';
import { isTape } from './pages/page-words.ts';

/**
 * Opens a tape, or a recording as one: a file whose major is named, or that is called so. Undefined for what is neither.
 * Throws what opening throws.
 */
export async function openTapeOrRecording(
  source: string,
  pg: string | undefined,
  stack: AsyncDisposableStack,
): Promise<Tape | undefined> {
  if (isTape(source)) return Tape.open(source);
  if (pg === undefined && !source.endsWith('.walredo')) return undefined;
  const scratch = stack.use(await temporaryDirectory('a recording'));
  const majors = pg === undefined ? undefined : parseMajors(pg);
  return openGivenTapes([source], majors, scratch.path)[0]?.tape;
}
