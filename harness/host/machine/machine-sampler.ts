import { cpus } from 'node:os';
import { getHeapStatistics } from 'node:v8';

import type { MachineSample } from './capacity.ts';

interface CpuTimes {
  readonly idleMs: number;
  readonly totalMs: number;
}

/** Looks at the machine: memory, and how busy its cores were since it was last asked. */
export class MachineSampler {
  #before = cpuTimes();

  sample(): MachineSample {
    const now = cpuTimes();
    const totalMs = now.totalMs - this.#before.totalMs;
    const idlePart = totalMs > 0 ? (now.idleMs - this.#before.idleMs) / totalMs : 0;
    this.#before = now;
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    return {
      availableBytes: process.availableMemory(),
      idleCores: idlePart * cpus().length,
      heapPart: used / limit,
    };
  }
}

function cpuTimes(): CpuTimes {
  let [idleMs, totalMs] = [0, 0];
  for (const { times } of cpus()) {
    idleMs += times.idle;
    totalMs += Object.values(times).reduce((sum, ms) => sum + ms, 0);
  }
  return { idleMs, totalMs };
}
