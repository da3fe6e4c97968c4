import { RedoubtError } from '../../harness/error.ts';

/** The RedoubtError that `action` throws; anything else thrown, or nothing, fails the test. */
export function thrownBy(action: () => unknown): RedoubtError {
  try {
    action();
  } catch (error) {
    if (error instanceof RedoubtError) return error;
    throw error;
  }
  throw new RedoubtError('infrastructure', 'nothing-thrown', 'an error was expected, but nothing was thrown');
}
