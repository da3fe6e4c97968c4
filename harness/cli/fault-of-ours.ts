import { RedoubtError } from '../error.ts';

/** An error as a RedoubtError: one that is none was not foreseen, and is Redoubt's own fault. */
export function faultOfOurs(error: unknown): RedoubtError {
  if (error instanceof RedoubtError) return error;
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new RedoubtError('infrastructure', 'internal', `a fault of Redoubt itself: ${words}`, {
    remedy: 'Please report it with these lines.',
    cause: error,
  });
}
