import type { RunOptions } from '../../harness/verdict/event.ts';
import { commandBlock, shellWord } from './command-block.ts';

/** What makes the gate examine one check alone; undefined for a matrix, which has no such option. */
export function onlyThisCheck(check: string, options: RunOptions | null): HTMLElement | undefined {
  if (options?.matrix !== undefined) return undefined;
  const pattern = check.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return commandBlock('This check alone: the same command with', [`--grep ${shellWord(`^${pattern}$`)}`]);
}
