import type { Ending } from './engine.ts';

/** How a process ended, to follow its name: `exited with code 1`, `was killed by SIGSEGV`, `hit its memory limit`. */
export function describeEnding(ending: Ending): string {
  switch (ending.kind) {
    case 'exited':
      return `exited with code ${String(ending.exitCode)}`;
    case 'signaled':
      return `was killed by ${ending.signal}`;
    case 'limited':
      return `hit its ${ending.limit} limit`;
  }
}
