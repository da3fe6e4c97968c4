import { RedoubtError } from '../error.ts';
import { findLeftovers, removeLeftovers } from '../host/leftovers.ts';
import { requireRoot } from '../host/machine/prerequisites.ts';
import type { Surface } from './surface.ts';

/**
 * What every command that starts processes begins with: it needs root (`purpose` says what for), and it removes what
 * killed runs left behind. Throws `not-root`.
 */
export async function prepare(purpose: string, surface: Surface): Promise<void> {
  requireRoot(purpose);
  try {
    const leftovers = await findLeftovers();
    if (leftovers.length === 0) return;
    await removeLeftovers(leftovers);
    surface.say(
      `removed what a killed run left: ${leftovers.map(({ kind, path }) => `${kind} ${path}`).join(', ')}`,
    );
  } catch (error) {
    if (!(error instanceof RedoubtError)) throw error;
    // It takes space, but keeps nobody from running.
    surface.say(`what a killed run left cannot be removed: ${error.message}`);
  }
}
