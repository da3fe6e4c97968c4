import { existsSync } from 'node:fs';

import type { PinFacts } from '../verdict/pin-facts.ts';
import type { BundleLock } from './bundle-lock.ts';
import { defaultLockPath, readLock } from './lock-file.ts';

/** A lock file, and where it was found. */
export interface OpenedLock {
  readonly path: string;
  readonly lock: BundleLock;
}

/**
 * Opens the lock file of a project: the one given, else `bundle.lock.json` where there is one. Throws what {@link readLock}
 * throws.
 */
export async function openLock(given: string | undefined): Promise<OpenedLock | undefined> {
  const path = given ?? defaultLockPath;
  if (given === undefined && !existsSync(path)) return undefined;
  return { path, lock: await readLock(path) };
}

/** What a report says of a lock file. */
export function pinFactsOf({ path, lock }: OpenedLock): PinFacts {
  return {
    path,
    bundle: lock.bundle.digest,
    name: lock.bundle.name,
    report: lock.approved.report,
    reviewers: lock.reviewers,
  };
}
