import type { CharacterProperty } from '../character-changes.ts';
import type { ExampleString } from '../example-string.ts';
import type { Swap, SwappedPart } from './swap.ts';

/** How two strings compare: `=` where a collation calls them equal. */
export type Comparison = '<' | '=' | '>';

/** What one environment answered about the pairs of a locale. */
export interface AttributionRun extends Swap {
  /** The libraries by a probe, or the server by SQL. */
  readonly asked: 'libraries' | 'server';
  /** For each pair how left compares with right, or what a server makes of each character; null where the environment could not be made or asked. */
  readonly seen: readonly string[] | null;
  /** Why nothing was seen. */
  readonly refused: string | null;
  /** Which side as it is answers the same; null where nothing was seen. */
  readonly like: 'from' | 'to' | 'neither' | null;
}

export type AttributedCause =
  | 'libc'
  | 'locale-data'
  | 'libicu'
  | 'libicu-data'
  | 'server-minor'
  /** Several parts, none of which does it alone. */
  | 'combination'
  /** Both sides answer the same, whatever is exchanged. */
  | 'none'
  | 'unknown';

/** A question to a server about one character: its case, or whether it is of a class. */
export interface AskedCharacter extends ExampleString {
  readonly what: CharacterProperty;
}

/** Which part makes a locale's order another one, and the runs that show it. */
export interface LocaleAttribution {
  readonly cause: AttributedCause;
  /** The library that it belongs to; null where it is unknown or of several. */
  readonly library: 'libc' | 'libicu' | 'server' | null;
  readonly parts: readonly SwappedPart[];
  readonly pairs: readonly { readonly left: ExampleString; readonly right: ExampleString }[];
  /** What servers were asked of characters, where it is not pairs of strings. */
  readonly characters: readonly AskedCharacter[];
  readonly runs: readonly AttributionRun[];
  /** Parts that could not be exchanged in one direction or both, and why. */
  readonly notSwapped: readonly { readonly part: SwappedPart; readonly why: string }[];
}
