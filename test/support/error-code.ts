import { RedoubtError } from '../../harness/error.ts';

/** The code of the RedoubtError that `action` throws; anything else, or nothing, fails the test. */
export function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof RedoubtError) return error.code;
    throw error;
  }
  return 'nothing was thrown';
}

/** The RedoubtError with which `promise` rejects; anything else fails the test. */
export async function rejectionOf(promise: Promise<unknown>): Promise<RedoubtError> {
  const outcome: unknown = await promise.then(
    () => new RedoubtError('usage', 'nothing-was-thrown', 'nothing was thrown'),
    (error: unknown) => error,
  );
  if (outcome instanceof RedoubtError) return outcome;
  throw outcome;
}
