import type { PinFindingCode } from './finding-code.ts';

/** The lock file against which a candidate is held. */
export interface PinFacts {
  /** Where the lock file lies, as it was found or given. */
  readonly path: string;
  /** SHA-256 of the pinned bundle. */
  readonly bundle: string;
  /** Its file name. */
  readonly name: string;
  /** SHA-256 of the report.json that approved it. */
  readonly report: string;
  /** Who must review a change. */
  readonly reviewers: readonly string[];
}

/** What of a major changes from the pinned bundle to the candidate. */
export interface PinComparison {
  /** By which cells name the candidate; absent where a run has one. */
  readonly bundle?: string;
  readonly major: number;
  /** How it is known whether order changes. */
  readonly evidence: 'the same bundle' | 'the same libraries' | 'both bundles' | 'lock file alone';
  readonly statements: readonly PinnedStatement[];
}

/** What is to be said of one thing in a bundle. */
export interface PinnedStatement {
  /** `libicu`, `libc`, `locales`, `initdb`, `format`, `server`, `libraries`, `majors`. */
  readonly subject: string;
  readonly isSame: boolean;
  /** The finding that it is; null for what is told and does not fail. */
  readonly code: PinFindingCode | null;
  readonly words: string;
}
