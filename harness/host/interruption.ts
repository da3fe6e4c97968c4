import { RedoubtError } from '../error.ts';

/** In the order in which an interrupt lets go: first what runs, then what it was making, then where it worked. */
const kinds = ['process', 'work', 'directory'] as const;

export type HeldKind = (typeof kinds)[number];

interface Held {
  readonly kind: HeldKind;
  readonly release: () => Promise<unknown>;
}

const everythingHeld = new Set<Held>();
const controller = new AbortController();

/** Aborted when this process was told to stop; long steps end by it. Its reason is the RedoubtError that says why. */
export const interruption: AbortSignal = controller.signal;

/** Notes something of the machine that an interrupt must let go of; returns what forgets it again. */
export function hold(kind: HeldKind, release: () => Promise<unknown>): () => void {
  const held: Held = { kind, release };
  everythingHeld.add(held);
  return () => {
    everythingHeld.delete(held);
  };
}

/** Throws `interrupted` when this process was told to stop: nothing new is begun then. */
export function throwIfInterrupted(): void {
  if (interruption.aborted) throw interrupted();
}

export function interrupted(): RedoubtError {
  return new RedoubtError('infrastructure', 'interrupted', 'interrupted: nothing was judged');
}

/**
 * Ends every process that was started in a root, every tool that makes something for the cache, and removes what is
 * half-made and every temporary folder of this process. For a signal's handler, before it exits; nothing can be started
 * afterwards. What cannot be let go is left for the next run, which finds it. `why` becomes the signal's reason.
 */
export async function interrupt(why: RedoubtError = interrupted()): Promise<void> {
  controller.abort(why);
  for (const kind of kinds) {
    const held = [...everythingHeld].filter((one) => one.kind === kind);
    await Promise.allSettled(held.map(({ release }) => release()));
  }
}
