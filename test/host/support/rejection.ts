import { RedoubtError } from '../../../harness/error.ts';

/** The RedoubtError with which a promise is rejected; any other outcome fails the test. */
export async function rejection(promise: Promise<unknown>): Promise<RedoubtError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof RedoubtError) return error;
    throw error;
  }
  throw new TypeError('the promise was fulfilled, and a RedoubtError was expected');
}
