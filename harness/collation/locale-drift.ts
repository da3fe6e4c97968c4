import type { CharacterChange, CharacterProperty } from './character-changes.ts';
import type { DriftExample } from './examples.ts';
import type { OwnStrings, Sameness, TextClassResult } from './sweep.ts';

export type CollationProvider = 'libc' | 'icu' | 'builtin';

/** What was done about a locale: versions and data compared, chosen pairs asked, the user's strings and everything put in order, and servers asked for cases and classes. */
export type DriftStage = 'facts' | 'canaries' | 'strings' | 'sweep' | 'characters';

/**
 * Whether PostgreSQL's warning fits: `silent` is drift without a warning, `false alarm` a warning without drift, `warned` and
 * `quiet` are as they should be; `unknown` where order was not looked at.
 */
export type Alarm = 'silent' | 'false alarm' | 'warned' | 'quiet' | 'unknown';

/** Characters that two servers see differently. */
export interface CharacterDrift {
  /** How many of the first two planes, by what changes. */
  readonly changed: Readonly<Record<CharacterProperty, number>>;
  readonly examples: readonly CharacterChange[];
}

/** What changes for one locale between two environments. */
export interface LocaleDrift {
  readonly provider: CollationProvider;
  readonly locale: string;
  /** PostgreSQL's name of the server encoding in which its strings were asked. */
  readonly encoding: string;
  /** `unknown` where only canaries were asked, and none flipped. */
  readonly order: Sameness | 'unknown';
  readonly equality: Sameness | 'unknown';
  /** The least code points without which all patterns are in the same order; those new to one side included. */
  readonly codePointsMoved: number;
  readonly assignedInBothMoved: number;
  /** Whether PostgreSQL sees that versions differ and says so. */
  readonly warned: boolean;
  readonly alarm: Alarm;
  /** As PostgreSQL records it; null where it records none. */
  readonly collversion: { readonly from: string | null; readonly to: string | null };
  /** Digest of LC_COLLATE, or the locale from which libicu takes its tailoring; null where the library has it built in. */
  readonly data: { readonly from: string | null; readonly to: string | null };
  /** Scripts of the code points that both sides know and that moved. */
  readonly scripts: Readonly<Record<string, number>>;
  readonly strings: number;
  readonly everydayStrings: number;
  readonly everydayMoved: number;
  /** Of the user's own strings; null where there were none, or nothing was put in order. */
  readonly own: OwnStrings | null;
  /** How many strings have other equals than before. */
  readonly equalityStrings: number;
  /** Kinds of text for which the sweep shows whether they are safe. */
  readonly classes: readonly TextClassResult[];
  readonly examples: readonly DriftExample[];
  /** Of PostgreSQL's own provider, where both sides' servers were asked; null for others, whose proof tells it. */
  readonly characters: CharacterDrift | null;
  readonly evidence: readonly DriftStage[];
  /** The locale of the same data that was swept in place of this one; null when it was itself. */
  readonly sweptAs: string | null;
}

/** The alarm that a finding about order deserves. */
export function alarmOf(
  order: LocaleDrift['order'],
  equality: LocaleDrift['equality'],
  warned: boolean,
): Alarm {
  if (order === 'changed' || equality === 'changed') return warned ? 'warned' : 'silent';
  if (order === 'unknown') return 'unknown';
  return warned ? 'false alarm' : 'quiet';
}
