import { readdir, readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

const intervalMs = 25;

/** The most memory that a process and all that descend from it held at a time, as far as samples show. */
export async function peakMemoryOf(pid: number, until: Promise<unknown>): Promise<number> {
  const over = new AbortController();
  const ended = until.finally(() => {
    over.abort();
  });
  let peak = 0;
  while (!over.signal.aborted) {
    peak = Math.max(peak, await memoryOf(pid));
    await setTimeout(intervalMs);
  }
  await ended;
  return peak;
}

/** Proportional set sizes: what several share is counted once. */
async function memoryOf(root: number): Promise<number> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const [, parent] = /\) \S (\d+) /.exec(stat) ?? [];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const isOurs = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === root || isOurs(parents.get(pid)));
  let bytes = 0;
  for (const pid of parents.keys()) {
    if (!isOurs(pid)) continue;
    const rollup = await readFile(`/proc/${String(pid)}/smaps_rollup`, 'utf8').catch(() => '');
    bytes += 1024 * Number(/^Pss: +(\d+) kB/m.exec(rollup)?.[1] ?? 0);
  }
  return bytes;
}
