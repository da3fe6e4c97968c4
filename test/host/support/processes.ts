import { readdir, readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

/** Pids of the machine's processes whose command line holds a text. */
export async function processesWith(text: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      // A process that ends meanwhile is none.
      const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return commandLine.includes(text) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

/** Of those, the ones that this process started itself: tests of other processes have theirs. */
export async function childrenWith(text: string): Promise<readonly number[]> {
  const pids = await processesWith(text);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      // Behind the name in parentheses, which may hold anything, come the state and the parent.
      const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(parent) === process.pid ? [pid] : [];
    }),
  );
  return found.flat();
}

/**
 * Waits until a process has the text in its command line: one that has become its program has none yet for a moment, while
 * the kernel puts it there.
 */
export async function untilThereIs(text: string): Promise<void> {
  await until(async () => (await processesWith(text)).length > 0);
}

/** Waits until a condition holds; the test's own time limit ends a wait in vain. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await setTimeout(10);
}
