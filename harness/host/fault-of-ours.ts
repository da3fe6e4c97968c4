import { RedoubtError } from '../error.ts';
import { systemError } from './system-error.ts';

/**
 * Whatever was thrown as a RedoubtError: a refusal of the operating system (a full disk) is the machine's, anything else
 * was not foreseen and is Redoubt's own fault.
 */
export function faultOfOurs(error: unknown): RedoubtError {
  if (error instanceof RedoubtError) return error;
  if (error instanceof Error && 'syscall' in error) return systemError('cannot go on', error);
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new RedoubtError('infrastructure', 'internal', `a fault of Redoubt itself: ${words}`, {
    remedy: 'Please report it with these lines.',
    cause: error,
  });
}
